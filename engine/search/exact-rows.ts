import { compareIds } from '../../core/ids.js';
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
  const ids = new IdsOfRows();
  const best = new TopK(k, (row, other) => compareIds(ids.of(row), ids.of(other)));
  const scores = new Map<number, number>();
  for (const part of version.parts) {
    const { firstRow, rows } = part;
    if (!allowed || allowed.subarray(firstRow, firstRow + rows).includes(1)) {
      const { chunkIds, vectors, norms } = await readVectors(version, part);
      ids.enter(chunkIds, firstRow);
      for (const [index, norm] of norms.entries()) {
        const row = firstRow + index;
        if (allowed?.[row] === 0) continue;
        const own = score({ vectors, start: index * query.length, norm });
        best.offer(own, row);
        if (also?.has(row)) scores.set(row, own);
      }
      ids.keep(best.rows());
    }
    onRows?.(firstRow + rows);
  }
  return { nearest: best.sorted(), scores };
}

/** The chunk ids of the file in hand, and of the rows that are kept from earlier files. */
class IdsOfRows {
  #kept = new Map<number, string>();
  #inHand: readonly string[] = [];
  #firstRow = 0;

  /** Takes the ids of a file in hand, whose first row has this number. */
  enter(chunkIds: readonly string[], firstRow: number): void {
    this.#inHand = chunkIds;
    this.#firstRow = firstRow;
  }

  of(row: number): string {
    return this.#kept.get(row) ?? this.#inHand[row - this.#firstRow]!;
  }

  /** Keeps the ids of these rows, and forgets all others. */
  keep(rows: readonly number[]): void {
    this.#kept = new Map(rows.map((row) => [row, this.of(row)]));
    this.#inHand = [];
  }
}
