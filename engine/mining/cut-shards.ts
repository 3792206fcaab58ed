import type { PlannedQuery, QueriesRecord } from '../../core/mining/mining-records.js';
import type { Split } from '../../core/mining/split-documents.js';

const MAX_QUERIES = 10_000;
/**
 * The greatest number of candidates of all queries of a shard. Their texts are in memory at once.
 */
const MAX_CANDIDATES = 400_000;
/** The greatest number of negatives of a shard. Its training rows are one file of each kind. */
const MAX_NEGATIVES = 50_000;

/**
 * Divides the queries into shards. Each has queries of one side of the split, and is small enough
 * to be held in memory and written at once.
 */
export function cutShards(
  bySplit: readonly { split: Split; queries: readonly PlannedQuery[] }[],
  { window, numNegatives }: { window: number; numNegatives: number },
): QueriesRecord[] {
  const size = Math.max(
    1,
    Math.min(MAX_QUERIES, Math.floor(MAX_CANDIDATES / window), Math.floor(MAX_NEGATIVES / numNegatives)),
  );
  return bySplit.flatMap(({ split, queries }) =>
    Array.from({ length: Math.ceil(queries.length / size) }, (_, index): QueriesRecord => {
      const own = queries.slice(index * size, (index + 1) * size);
      return { formatVersion: 1, split, queries: own };
    }),
  );
}
