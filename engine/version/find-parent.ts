import { type CarryingJob, carryObstacle } from '../../core/carry/carry-obstacle.js';
import { VectormillError } from '../../core/errors.js';
import type { JobRecord } from '../../core/job-spec.js';
import { versionLayout } from '../../core/layout.js';
import type { Manifest } from '../../core/manifest.js';
import { UNICODE } from '../chunking/unicode.js';
import { sha256 } from '../files/hash.js';
import type { ObjectStore } from '../store/object-store.js';
import { readJobRecord } from './read-job.js';
import { parseManifest } from './read-manifest.js';
import { readRef } from './read-ref.js';

/**
 * Finds the parent of a new version, and whether its rows may be carried over: the version or the
 * ref that the job's `parent` names, or else the version that its ref names. Errors:
 * VERSION_NOT_FOUND for a parent that is gone or unfinished; FILE_DAMAGED.
 */
export async function findParent(
  store: ObjectStore,
  job: CarryingJob,
): Promise<Pick<JobRecord, 'parent' | 'carry'>> {
  const { parent, carry } = await describeParent(store, job);
  return { parent, ...(carry && { carry }) };
}

/** The parent of a version before the version is begun. */
export interface DescribedParent extends Pick<JobRecord, 'parent' | 'carry'> {
  /** The reason why no rows are carried over, as a phrase such as `other chunking`. */
  obstacle?: string | undefined;
  /** The parent's own manifest, where there is a parent. */
  manifest?: Manifest;
}

/** Finds the same, with the reason why rows may not be carried over. Errors: as `findParent`. */
export async function describeParent(store: ObjectStore, job: CarryingJob): Promise<DescribedParent> {
  const { dataset, ref, parent: asked } = job.spec;
  if (asked === 'none') return { parent: null };
  const selector = asked ?? ref;
  const named = selector === 'none' ? undefined : await versionOfRef(store, dataset, selector);
  const parent = named ?? asked;
  if (parent === undefined) return { parent: null };
  const layout = versionLayout(dataset, parent);
  if (!(await store.head(layout.manifest)))
    throw noParent(`${store.root}/${layout.manifest}`, dataset, parent);
  const bytes = await store.get(layout.manifest);
  const manifest = parseManifest(bytes, `${store.root}/${layout.manifest}`);
  const made = await readJobRecord(store, layout.job);
  const obstacle = carryObstacle(job, { job: made, manifest }, UNICODE);
  if (obstacle !== undefined || manifest.formatVersion === 1) return { parent, obstacle, manifest };
  const generation = made.carry && (made.carry.generation ?? 1) + 1;
  return {
    parent,
    manifest,
    carry: {
      version: parent,
      manifestSha256: sha256(bytes),
      firstShard: manifest.nextShard,
      ...(generation !== undefined && { generation }),
    },
  };
}

function noParent(file: string, dataset: string, parent: string): VectormillError {
  return new VectormillError(
    'VERSION_NOT_FOUND',
    `${dataset}@${parent} is the parent of this version, and it is not there or not finished`,
    {
      component: 'version',
      file,
      remedy:
        'Move the ref to a finished version with `vectormill promote`, name one in `parent`, or set `parent: none`, with which everything is embedded.',
    },
  );
}

/** Returns the version that a ref names. Undefined where there is no such ref. */
export async function versionOfRef(
  store: ObjectStore,
  dataset: string,
  ref: string,
): Promise<string | undefined> {
  return (await readRef(store, dataset, ref))?.version;
}
