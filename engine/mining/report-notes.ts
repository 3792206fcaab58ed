import type { ChunkingOptions } from '../../core/chunk.js';
import { counted } from '../../core/counted.js';
import type { MiningTotals } from '../../core/mining/mining-records.js';
import type { MiningSpec } from '../../core/mining/mining-spec.js';

/** Share of the negatives above their positive from which a note says so. */
const WORTH_A_NOTE = 0.01;

/** What is not wrong, but makes triplets worse than they look, as sentences with a way on. */
export function reportNotes(
  { selection, crossEncoder }: Pick<MiningSpec, 'selection' | 'crossEncoder'>,
  totals: MiningTotals,
  { prefix }: Pick<ChunkingOptions, 'prefix'>,
): string[] {
  const { negatives, abovePositive, queries, titleQueries = 0 } = totals;
  const { absoluteMargin, relativeMargin, maxScore } = selection;
  const isFiltered = [absoluteMargin, relativeMargin, maxScore, crossEncoder].some(
    (limit) => limit !== undefined,
  );
  const notes: string[] = [];
  if (!isFiltered && abovePositive > WORTH_A_NOTE * negatives) {
    const share = ((100 * abovePositive) / negatives).toFixed(1);
    notes.push(
      `${share}% of the negatives score above their query's lowest positive, and may be answers themselves; \`preset: 95-percent\` below \`mining\` takes only those that score at least 5% below it`,
    );
  }
  if (titleQueries > 0 && prefix.includes('title'))
    notes.push(
      `${titleQueries} of ${counted(queries, 'query', 'queries')} are the title of their positive, which is part of its chunks' text (\`chunking.prefix\`): such a query finds its own words, and a model trained on them learns to copy titles; mine a version whose chunks have no title before them`,
    );
  return notes;
}
