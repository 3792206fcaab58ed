import { averageRanks } from './average-ranks.js';
import { pearson } from './pearson.js';

/**
 * Spearman's correlation, which is Pearson's correlation of the ranks. Ties have their average
 * rank. Returns undefined where Pearson's correlation does.
 */
export function spearman(left: readonly number[], right: readonly number[]): number | undefined {
  return pearson(averageRanks(left), averageRanks(right));
}
