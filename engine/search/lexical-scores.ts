import { bm25Scores, type TermPostings } from '../../core/search/bm25.js';
import { type Postings, postingsByTerm } from '../../core/search/postings.js';
import { type ScoredRow, type TieBreak, TopK } from '../../core/top-k.js';
import { lexicalTerms } from './lexical-terms.js';

/** Postings in memory or on disk. */
export interface PostingsSource {
  /** `[rows]`: the number of terms of each row. */
  lengths: Uint32Array;
  /** Returns the postings of a term; undefined for a term that occurs nowhere. */
  postings(term: string): Promise<TermPostings | undefined>;
}

export function postingsInMemory(postings: Postings): PostingsSource {
  const find = postingsByTerm(postings);
  return { lengths: postings.lengths, postings: async (term) => find(term) };
}

/**
 * Returns the BM25 score of every row for a query, `[rows]`; 0 for a row without any term of the
 * query.
 */
export async function lexicalScores(
  query: string,
  { lengths, postings }: PostingsSource,
): Promise<Float64Array> {
  const found: TermPostings[] = [];
  for (const term of new Set(lexicalTerms(query))) {
    const own = await postings(term);
    if (own) found.push(own);
  }
  return bm25Scores(found, lengths);
}

export interface RowsByWordsOptions {
  /** `[rows]`: 1 for rows that may be found. Without it, all rows may be found. */
  allowed?: Uint8Array | undefined;
  /** Without it, the lower of two rows of equal score comes first. */
  tieBreak?: TieBreak | undefined;
}

/**
 * Returns the `k` best of the rows that hold any word of the query, best first. `scores` is
 * `[rows]`.
 */
export function rowsByWords(
  scores: Float64Array,
  k: number,
  { allowed, tieBreak }: RowsByWordsOptions = {},
): ScoredRow[] {
  const best = new TopK(k, tieBreak);
  for (const [row, score] of scores.entries()) if (score > 0 && allowed?.[row] !== 0) best.offer(score, row);
  return best.sorted();
}
