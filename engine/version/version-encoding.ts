import type { RangesRecord } from '../../core/commit.js';
import { vectorPrecisionOf } from '../../core/job-spec.js';
import { needsRanges, type VectorEncoding } from '../../core/vector-precision.js';
import type { OpenVersion } from './open-version.js';
import { readJsonRecord } from './read-json-record.js';

/**
 * Returns how a version's vectors are stored, from its own records. Errors: OBJECT_NOT_FOUND before
 * its ranges are written.
 */
export async function versionEncoding({
  store,
  layout,
  job,
}: Pick<OpenVersion, 'store' | 'layout' | 'job'>): Promise<VectorEncoding> {
  const precision = vectorPrecisionOf(job.spec);
  if (!needsRanges(precision)) return { precision };
  const { ranges } = await readJsonRecord<RangesRecord>(store, layout.ranges, 1);
  return { precision, ranges };
}
