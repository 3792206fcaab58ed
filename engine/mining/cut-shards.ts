import type { PlannedQuery, QueriesRecord } from '../../core/mining/mining-records.js';
import type { Split } from '../../core/mining/split-documents.js';

const MOST_QUERIES = 10_000;
/** Candidates of all queries of a shard, whose texts are held at a time. */
const MOST_CANDIDATES = 400_000;
/** Negatives of a shard, whose training rows are one file of each kind. */
const MOST_NEGATIVES = 50_000;

/** Shards of queries, each of one side of the split and small enough to be held and written at once. */
export function cutShards(
  bySplit: readonly { split: Split; queries: readonly PlannedQuery[] }[],
  { window, numNegatives }: { window: number; numNegatives: number },
): QueriesRecord[] {
  const size = Math.max(
    1,
    Math.min(MOST_QUERIES, Math.floor(MOST_CANDIDATES / window), Math.floor(MOST_NEGATIVES / numNegatives)),
  );
  let first = 0;
  return bySplit.flatMap(({ split, queries }) =>
    Array.from({ length: Math.ceil(queries.length / size) }, (_, index): QueriesRecord => {
      const own = queries.slice(index * size, (index + 1) * size);
      first += own.length;
      return { formatVersion: 1, split, first: first - own.length, queries: own };
    }),
  );
}
