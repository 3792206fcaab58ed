import type { Ranking } from './judgements.js';

export interface ScoredDocument {
  id: string;
  score: number;
}

/**
 * The order of trec_eval: by score as a 32-bit float, highest first, and where two are equal by id,
 * the last one first. What order a system's own list had does not count.
 */
export function rankDocuments(documents: readonly ScoredDocument[]): Ranking {
  return documents
    .map(({ id, score }) => ({ id, score: Math.fround(score) }))
    .sort((a, b) => b.score - a.score || compareIds(b.id, a.id))
    .map(({ id }) => id);
}

/**
 * Where each id stands among all in descending order, from 0: what breaks a tie between rows of
 * equal score.
 */
export function tieOrder(ids: readonly string[]): Uint32Array {
  const order = new Uint32Array(ids.length);
  const rows = Uint32Array.from(ids.keys()).sort((a, b) => compareIds(ids[b]!, ids[a]!));
  for (const [place, row] of rows.entries()) order[row] = place;
  return order;
}

/** Compares as the UTF-8 bytes of the ids would. */
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
 * UTF-16 puts surrogates, which stand for the highest code points, before U+E000 to U+FFFF; UTF-8
 * does not.
 */
function codePointOrder(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}
