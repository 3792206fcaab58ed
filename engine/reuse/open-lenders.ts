import { VectormillError } from '../../core/errors.js';
import type { JobRecord, LendingVersion } from '../../core/job-spec.js';
import { versionLayout } from '../../core/layout.js';
import { sha256 } from '../files/hash.js';
import type { ObjectStore } from '../store/object-store.js';
import { openReadableVersion, parseDatasetName, resolveVersion } from '../version/resolve-version.js';
import { Lender, lendableVectors } from './lender.js';

/**
 * Returns a job with the versions that it names in `reuse`, as refs name them now. Errors:
 * DATASET_NOT_FOUND, VERSION_NOT_FOUND; FINGERPRINT_MISMATCH for a version of another vector space.
 */
export async function withLenders(store: ObjectStore, job: JobRecord): Promise<JobRecord> {
  const reuse = await resolveLenders(store, job);
  return reuse.length > 0 ? { ...job, reuse } : job;
}

async function resolveLenders(
  store: ObjectStore,
  { spec, signature, fingerprint }: JobRecord,
): Promise<LendingVersion[]> {
  const found: LendingVersion[] = [];
  for (const name of spec.reuse ?? []) {
    const { manifest } = await resolveVersion(store, parseDatasetName(name));
    const { dataset, version } = manifest;
    if (manifest.fingerprint !== fingerprint)
      throw new VectormillError(
        'FINGERPRINT_MISMATCH',
        `\`reuse\` names ${dataset}@${version}, which holds vectors of ${manifest.signature.name} (${manifest.fingerprint.slice(0, 12)}), and this job would write ${signature.name} (${fingerprint.slice(0, 12)}): these are two vector spaces`,
        { component: 'reuse', remedy: 'Take it out of `reuse`, or use its model.' },
      );
    found.push({ dataset, version, manifestSha256: await manifestSha256(store, { dataset, version }) });
  }
  return found;
}

/**
 * Opens the versions from which a job may take vectors: its parent, and then those that it names,
 * in their order. A parent of another vector space lends nothing, and neither does one that is
 * gone. None lends anything to a job that computes every vector. Errors: VERSION_NOT_FOUND;
 * CHECKSUM_MISMATCH for a named version that was made anew.
 */
export async function openLenders(
  store: ObjectStore,
  { spec, parent, fingerprint, recompute, reuse = [] }: JobRecord,
): Promise<Lender[]> {
  if (recompute) return [];
  const isParent = ({ dataset, version }: Pick<LendingVersion, 'dataset' | 'version'>) =>
    dataset === spec.dataset && version === parent;
  const versions: Pick<LendingVersion, 'dataset' | 'version'>[] = reuse.filter((named) => !isParent(named));
  for (const named of reuse) await assertSameManifest(store, named);
  const isThere = async (version: string) =>
    (await store.head(versionLayout(spec.dataset, version).manifest)) !== undefined;
  if (parent !== null && (reuse.some(isParent) || (await isThere(parent))))
    versions.unshift({ dataset: spec.dataset, version: parent });
  const lenders: Lender[] = [];
  for (const { dataset, version } of versions)
    lenders.push(new Lender(lendableVectors(await openReadableVersion(store, dataset, version))));
  return lenders.filter((lender) => lender.fingerprint === fingerprint);
}

async function assertSameManifest(store: ObjectStore, lender: LendingVersion): Promise<void> {
  const { dataset, version, manifestSha256: expected } = lender;
  const { manifest } = versionLayout(dataset, version);
  if (!(await store.head(manifest)) || (await manifestSha256(store, lender)) === expected) return;
  const file = `${store.root}/${manifest}`;
  throw new VectormillError('CHECKSUM_MISMATCH', `${dataset}@${version} was made anew since this job began`, {
    component: 'reuse',
    file,
    remedy: 'Restore that version, or give this job a new `version`.',
  });
}

async function manifestSha256(
  store: ObjectStore,
  { dataset, version }: Pick<LendingVersion, 'dataset' | 'version'>,
): Promise<string> {
  return sha256(await store.get(versionLayout(dataset, version).manifest));
}
