import { compareIds } from '../ids.js';

type Scored = Pick<Neighbour, 'score'>;

/** A row that a search found. */
export interface Neighbour {
  rowKey: bigint;
  chunkId: string;
  /** The score. A higher one is nearer, whatever the metric. */
  score: number;
}

/**
 * Orders by score, the best first. Where scores are equal, the lower chunk id comes first, so that
 * results depend neither on the order of the rows nor on their keys.
 */
export function byScore(a: Neighbour, b: Neighbour): number {
  return b.score - a.score || compareIds(a.chunkId, b.chunkId);
}

/**
 * Returns the fraction of the places of the true neighbours that are filled by rows at least as
 * near as the last true neighbour, from 0 to 1. Rows of equal score count alike, since an index may
 * rightly give either of them. It is 1 where there are no true neighbours.
 */
export function recallOf(found: readonly Scored[], truth: readonly Scored[]): number {
  const least = leastHit(truth);
  if (least === undefined) return 1;
  const hits = found.slice(0, truth.length).filter(({ score }) => score >= least).length;
  return hits / truth.length;
}

/** Returns the least score of a row that is as near as the last true neighbour. */
export function leastHit(truth: readonly Scored[]): number | undefined {
  const last = truth.at(-1);
  return last && last.score - TOLERANCE * Math.max(1, Math.abs(last.score));
}

/** The amount by which the order of additions in float32 may change a score. */
const TOLERANCE = 1e-6;
