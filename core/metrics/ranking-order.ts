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
  const order = new Uint32Array(ids.length);
  const rows = Uint32Array.from(ids.keys()).sort((a, b) => compareIds(ids[b]!, ids[a]!));
  for (const [place, row] of rows.entries()) order[row] = place;
  return order;
}

/** Compares two ids by their UTF-8 bytes. */
export function compareIds(left: string, right: string): number {
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index += 1) {
    const a = left.charCodeAt(index);
    const b = right.charCodeAt(index);
    if (a !== b) return codePointOrder(a) - codePointOrder(b);
  }
  return left.length - right.length;
}

/**
 * UTF-16 orders surrogates, which stand for the highest code points, before U+E000 to U+FFFF. UTF-8
 * does not.
 */
function codePointOrder(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}
