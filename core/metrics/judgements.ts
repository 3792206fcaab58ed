/**
 * The relevance of documents to one query, by document id, as a judge gave it: whole numbers, of
 * which those above 0 are relevant and a higher one is more so. A document that is not named has
 * not been judged and counts as not relevant.
 */
export type Judgements = ReadonlyMap<string, number>;

/** Document ids, best first, none twice. */
export type Ranking = readonly string[];

export function isRelevant(judgements: Judgements, document: string): boolean {
  return (judgements.get(document) ?? 0) > 0;
}

/** Documents judged relevant, whether or not they were or could have been retrieved. */
export function countRelevant(judgements: Judgements): number {
  let count = 0;
  for (const relevance of judgements.values()) if (relevance > 0) count += 1;
  return count;
}
