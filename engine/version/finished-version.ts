import type { JobRecord, JobSpec } from '../../core/job-spec.js';
import { versionLayout } from '../../core/layout.js';
import type { Manifest } from '../../core/manifest.js';
import { decideMove, type RefMover, type RefRecord } from '../../core/ref.js';
import type { RefStanding } from '../../core/workflow-api.js';
import type { ObjectStore } from '../store/object-store.js';
import type { NamedRefMove } from './move-ref.js';
import { readManifest } from './read-manifest.js';
import { readRef } from './read-ref.js';

/**
 * Returns the move of a ref that a job, or the night that it belongs to, makes once its version is
 * readable. With `none` it moves none, and the result is undefined. Every attempt gives the same
 * move, because the manifest is written once.
 */
export function refMoveOf(
  { ref, by }: { ref: string; by: RefMover },
  { refGeneration: expected }: Pick<JobRecord, 'refGeneration'>,
  { dataset, version, fingerprint, timings }: Manifest,
): NamedRefMove | undefined {
  if (ref === 'none') return undefined;
  const { finishedAt: movedAt } = timings;
  const writeId = `${by} ${version} ${movedAt}`;
  return { dataset, ref, version, fingerprint, by, writeId, movedAt, expected };
}

/** Says whether a move is made, or will not be made. Writes nothing. Errors: FILE_DAMAGED. */
export async function isRefSettled(store: ObjectStore, move: NamedRefMove): Promise<boolean> {
  return decideMove(await readRef(store, move.dataset, move.ref), move).outcome !== 'write';
}

/**
 * Returns the manifest of a version that is completely finished. The result is undefined if the job
 * that made it ended after the manifest but before `_SUCCESS`, the ref, or the removal of working
 * files.
 */
export async function finishedVersion(store: ObjectStore, job: JobRecord): Promise<Manifest | undefined> {
  const layout = versionLayout(job.spec.dataset, job.spec.version);
  if (!(await store.head(layout.manifest)) || !(await store.head(layout.success))) return undefined;
  for await (const _ of store.list(layout.float32Prefix)) return undefined;
  const manifest = await readManifest(store, layout.manifest);
  const move = refMoveOf({ ref: job.spec.ref, by: 'job' }, job, manifest);
  return !move || (await isRefSettled(store, move)) ? manifest : undefined;
}

/** Says where a ref stands, if it does not name the version of a job that was to move it. */
export function standingOf(
  { ref, version }: JobSpec,
  record: RefRecord | undefined,
): RefStanding | undefined {
  if (!record || record.version === version) return undefined;
  return { ref, version: record.version, why: record.isHeld ? 'held' : 'superseded' };
}
