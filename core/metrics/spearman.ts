import { averageRanks } from './average-ranks.js';
import { pearson } from './pearson.js';

/**
 * Spearman's correlation: Pearson's of the ranks, ties at their average rank. Undefined where
 * Pearson's is.
 */
export function spearman(left: readonly number[], right: readonly number[]): number | undefined {
  return pearson(averageRanks(left), averageRanks(right));
}
