import { canLend } from '../../core/can-lend.js';
import type { JobRecord } from '../../core/job-spec.js';
import { versionLayout } from '../../core/layout.js';
import type { ProbeRecord } from '../../core/manifest.js';
import type { VectorEncoding } from '../../core/vector-precision.js';
import { type LendableVectors, Lender, lendableVectors } from '../reuse/lender.js';
import type { ObjectStore } from '../store/object-store.js';
import { siblingsOf } from '../version/begun-versions.js';
import { readJobRecord } from '../version/read-job.js';
import { readJsonRecord } from '../version/read-json-record.js';
import { openReadableVersion } from '../version/resolve-version.js';
import { unlessDamaged } from '../version/unless-damaged.js';
import { readCommittedParts } from './committed-parts.js';

/** The number of siblings at which a job looks, the newest first, for some that can lend. */
const SIBLINGS_LOOKED_AT = 16;

/** The number of siblings that lend to a job. */
const LENDING_SIBLINGS = 3;

/**
 * Opens the newest versions that were begun from the same parent as a job's and can lend to it:
 * those of nights that failed, whether they are unfinished or were finished before something else
 * went wrong. Nobody has named them, so that one which is gone or damaged lends nothing. Neither
 * does any of them lend to a job that shall compute every vector, or that says that it has no
 * parent. `encoding` is that of the job's own vectors.
 */
export async function openSiblingLenders(
  store: ObjectStore,
  job: JobRecord,
  encoding: VectorEncoding,
): Promise<Lender[]> {
  const { spec, recompute, reuse = [] } = job;
  if (recompute || spec.parent === 'none') return [];
  const isNamed = (name: string) =>
    reuse.some(({ dataset, version }) => dataset === spec.dataset && version === name);
  const siblings = (await siblingsOf(store, job)).filter((name) => !isNamed(name));
  const lenders: Lender[] = [];
  for (const name of siblings.slice(0, SIBLINGS_LOOKED_AT)) {
    if (lenders.length === LENDING_SIBLINGS) break;
    const lendable = await unlessDamaged(() => openSibling(store, job, name));
    if (lendable && canLend(lendable.encoding, encoding)) lenders.push(new Lender(lendable));
  }
  return lenders;
}

/** Opens a sibling. Undefined where it is of another model, or has no complete shard yet. */
async function openSibling(
  store: ObjectStore,
  { spec: { dataset }, parent, fingerprint }: JobRecord,
  name: string,
): Promise<LendableVectors | undefined> {
  const layout = versionLayout(dataset, name);
  const job = await readJobRecord(store, layout.job);
  if (job.fingerprint !== fingerprint || job.parent !== parent) return undefined;
  if (await store.head(layout.manifest)) {
    const version = await openReadableVersion(store, dataset, name);
    return version.manifest.fingerprint === fingerprint
      ? lendableVectors(version, { isUnnamed: true })
      : undefined;
  }
  const probe = await readJsonRecord<ProbeRecord>(store, layout.probe, 1);
  const committed = await readCommittedParts(store, layout, job);
  return (
    committed && { ...committed, store, name: `${dataset}@${name}`, fingerprint, probe, isUnnamed: true }
  );
}
