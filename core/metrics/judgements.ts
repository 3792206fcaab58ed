/**
 * The relevance of documents to one query, by document id, as a judge gave it, in whole numbers. A
 * number above 0 means relevant, and a higher one more relevant. A document that is not in the map
 * has not been judged and counts as not relevant.
 */
export type Judgements = ReadonlyMap<string, number>;

/** Document ids without repetition, the best first. */
export type Ranking = readonly string[];

export function isRelevant(judgements: Judgements, document: string): boolean {
  return (judgements.get(document) ?? 0) > 0;
}

/**
 * Returns the number of documents that were judged relevant, whether or not they were or could have
 * been retrieved.
 */
export function countRelevant(judgements: Judgements): number {
  let count = 0;
  for (const relevance of judgements.values()) if (relevance > 0) count += 1;
  return count;
}
