import { scorerOf } from '../../core/index/score.js';
import type { ScoreMetric } from '../../core/similarity.js';
import { TopK } from '../../core/top-k.js';
import { readVectors } from '../index/version-vectors.js';
import type { ReadableVersion } from '../version/resolve-version.js';
import type { NearestOptions, NearestRows } from './nearest-rows.js';

/**
 * Finds the rows nearest to a query vector `[dimensions]` by comparison with each allowed row. One
 * file is in memory at a time, and files without an allowed row are not read. Errors:
 * CHECKSUM_MISMATCH, OBJECT_NOT_FOUND, FILE_DAMAGED.
 */
export async function exactRows(
  version: ReadableVersion,
  metric: ScoreMetric,
  query: Float32Array,
  { k, allowed, also, onRows }: NearestOptions,
): Promise<NearestRows> {
  const score = scorerOf(metric, query);
  const best = new TopK(k);
  const scores = new Map<number, number>();
  for (const part of version.parts) {
    const { firstRow, rows } = part;
    if (!allowed || allowed.subarray(firstRow, firstRow + rows).includes(1)) {
      const { vectors, norms } = await readVectors(version, part);
      for (const [index, norm] of norms.entries()) {
        const row = firstRow + index;
        if (allowed?.[row] === 0) continue;
        const own = score({ vectors, start: index * query.length, norm });
        best.offer(own, row);
        if (also?.has(row)) scores.set(row, own);
      }
    }
    onRows?.(firstRow + rows);
  }
  return { nearest: best.sorted(), scores };
}
