import type { JobRecord } from '../../core/job-spec.js';
import { versionLayout } from '../../core/layout.js';
import type { Manifest } from '../../core/manifest.js';
import type { ObjectStore } from '../store/object-store.js';
import { isRefMoved, type RefMove } from './move-ref.js';
import { readManifest } from './read-manifest.js';

/**
 * Returns how a job moves its ref once its version is readable, or undefined for a job that moves
 * none.
 */
export function refMoveOf({ spec }: JobRecord, manifest: Manifest): RefMove | undefined {
  if (spec.ref === 'none') return undefined;
  const { dataset, version, fingerprint, timings } = manifest;
  return { dataset, ref: spec.ref, version, fingerprint, movedAt: timings.finishedAt };
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
  const move = refMoveOf(job, manifest);
  return !move || (await isRefMoved(store, move)) ? manifest : undefined;
}
