import { compareObjects, type ObjectCounts } from '../../core/carry/compare-slices.js';
import { allowedDeletes } from '../../core/carry/deletes-exceeded.js';
import type { JobRecord } from '../../core/job-spec.js';
import type { Slice } from '../../core/plan.js';
import type { ObjectStore } from '../store/object-store.js';
import { describeParent } from '../version/find-parent.js';
import { readListedSlices } from '../version/read-listed-slices.js';

/** The use that a job would make of its parent, and what it would delete of it. */
export interface ParentEstimate {
  version: string;
  /** The reason why nothing would be carried over, as a phrase. Null where rows would be. */
  obstacle: string | null;
  /** The documents of the parent. */
  documents: number;
  /** The objects of the input since the parent. Null where the parent lists none. */
  objects: ObjectCounts | null;
  /**
   * The documents that the parent has of objects that are gone. As many are deleted, unless they
   * lie in other objects now; those that are gone from changed objects are not among them. Null
   * where the parent lists no objects.
   */
  documentsOfDeleted: number | null;
  /** Whether the job would stop with DELETES_EXCEEDED if as many were deleted. */
  mayExceedDeletes: boolean;
}

/**
 * Compares the objects of a job's input, by some slices of each, with those of the job's parent.
 * `begun` is the record of a job that was begun, which keeps its parent. Null for a version without
 * a parent. Errors: those of `describeParent`, and of the parent's list of slices.
 */
export async function estimateParent(
  store: ObjectStore,
  job: JobRecord,
  slices: readonly Slice[],
  { begun, recompute }: { begun: JobRecord | undefined; recompute: boolean },
): Promise<ParentEstimate | null> {
  const kept = begun && { ...job.spec, parent: begun.parent ?? 'none' };
  const { parent, manifest, obstacle } = await describeParent(store, kept ? { ...job, spec: kept } : job);
  if (parent === null || !manifest) return null;
  const isRecomputed = recompute || begun?.recompute === true;
  const { documents } = manifest.totals;
  const base = { version: parent, obstacle: isRecomputed ? '--recompute' : (obstacle ?? null), documents };
  const lists = manifest.formatVersion === 2 ? manifest.lists.corpus : undefined;
  if (!lists) return { ...base, objects: null, documentsOfDeleted: null, mayExceedDeletes: false };
  const compared = compareObjects(await readListedSlices(store, lists), slices);
  const mayExceedDeletes = compared.documentsOfDeleted > allowedDeletes(job.spec, documents);
  return { ...base, ...compared, mayExceedDeletes };
}
