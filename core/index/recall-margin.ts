/**
 * The margin is at least this much, because a hundred queries that find everything say little about
 * those that do not.
 */
const LEAST = 0.01;
/** The value of the normal distribution that one value in a hundred exceeds. */
const ONE_IN_A_HUNDRED = 2.326;

/**
 * Returns the amount by which the mean of these queries' recalls must exceed a target so that the
 * mean of `others` similar queries falls below the target by chance only once in a hundred times.
 * It is computed from the spread of the difference between two such means.
 */
export function chanceMargin(recalls: readonly number[], others: number): number {
  if (recalls.length < 2 || others === 0) return LEAST;
  const mean = meanOf(recalls);
  const variance = recalls.reduce((sum, recall) => sum + (recall - mean) ** 2, 0) / (recalls.length - 1);
  return Math.max(LEAST, ONE_IN_A_HUNDRED * Math.sqrt(variance * (1 / recalls.length + 1 / others)));
}

/** Returns the mean of some values, or 0 where there are none. */
export function meanOf(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}
