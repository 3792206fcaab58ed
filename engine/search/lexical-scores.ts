import { bm25Scores, type TermPostings } from '../../core/search/bm25.js';
import { type Postings, postingsByTerm } from '../../core/search/postings.js';
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
