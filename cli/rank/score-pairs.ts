import { TopK } from '../../core/top-k.js';
import type { CrossEncoder } from '../../engine/model/cross-encoder.js';
import { inGroups } from '../../engine/model/text-groups.js';
import type { PairRow } from './read-text-pairs.js';

/** The line that the command prints about one pair. */
export interface ScoredPair {
  /** The place in the ranking, from 1. Absent where pairs are not ranked. */
  rank?: number;
  /** The number of the row in the input, from 0. Blank lines are not counted. */
  index: number;
  /** The row's id. Absent where the row has none. */
  id?: string;
  /** The score by a model with one label. A model with several labels gives `scores`. */
  score?: number;
  scores?: number[];
}

export interface PairScores {
  pairs: number;
  /** The number of non-padding tokens, special tokens included. */
  tokens: number;
  results: ScoredPair[];
}

/**
 * Scores all pairs in their order. They are read and scored in groups. Errors: those of reading and
 * of the model.
 */
export async function scorePairs(
  rows: AsyncIterable<PairRow>,
  encoder: CrossEncoder,
  onPairs: (done: number) => void,
): Promise<PairScores> {
  const { labels } = encoder.signature;
  const results: ScoredPair[] = [];
  let tokens = 0;
  for await (const group of inGroups(rows, ({ pair: [first, second] }) => first.length + second.length)) {
    let done = results.length;
    const scores = await encoder.score(
      group.map(({ pair }) => pair),
      {
        onProgress: (progress) => {
          done += progress.rows;
          tokens += progress.tokens;
          onPairs(done);
        },
      },
    );
    for (const [row, { id }] of group.entries()) {
      const own = [...scores.subarray(row * labels, (row + 1) * labels)];
      results.push({
        index: results.length,
        ...(id === undefined ? {} : { id }),
        ...(labels === 1 ? { score: own[0]! } : { scores: own }),
      });
    }
  }
  return { pairs: results.length, tokens, results };
}

/**
 * Returns the `top` best of pairs with one score, by default all of them, the best first. Equal
 * scores stay in the order of the rows.
 */
export function rankPairs(results: readonly ScoredPair[], top = results.length): ScoredPair[] {
  const best = new TopK(top);
  for (const { index, score } of results) best.offer(score!, index);
  return best.sorted().map(({ row }, place) => ({ rank: place + 1, ...results[row]! }));
}
