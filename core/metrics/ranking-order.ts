import { compareIds, placesOfIds } from '../ids.js';
import type { Ranking } from './judgements.js';

export interface ScoredDocument {
  id: string;
  score: number;
}

/**
 * Orders as trec_eval does: by score as a 32-bit float, the highest first, and by id, the last one
 * first, where scores are equal. The order in which a system listed its documents does not count.
 */
export function rankDocuments(documents: readonly ScoredDocument[]): Ranking {
  return documents
    .map(({ id, score }) => ({ id, score: Math.fround(score) }))
    .sort((a, b) => b.score - a.score || compareIds(b.id, a.id))
    .map(({ id }) => id);
}

/**
 * Returns the position of each id in descending order, from 0. It breaks ties between rows of equal
 * score.
 */
export function tieOrder(ids: readonly string[]): Uint32Array {
  return placesOfIds(ids).map((place) => ids.length - 1 - place);
}
