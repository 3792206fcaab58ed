/** At least this much, because a hundred queries that find all say little of those that do not. */
const LEAST = 0.01;
/** Of the normal distribution: what one value in a hundred exceeds. */
const ONE_IN_A_HUNDRED = 2.326;

/**
 * By how much the mean of these queries' recalls must exceed a target, so that the mean of `others`
 * queries falls below it by chance once in a hundred times: the spread of the difference of two
 * means of queries alike.
 */
export function chanceMargin(recalls: readonly number[], others: number): number {
  if (recalls.length < 2 || others === 0) return LEAST;
  const mean = meanOf(recalls);
  const variance = recalls.reduce((sum, recall) => sum + (recall - mean) ** 2, 0) / (recalls.length - 1);
  return Math.max(LEAST, ONE_IN_A_HUNDRED * Math.sqrt(variance * (1 / recalls.length + 1 / others)));
}

/** 0 of none. */
export function meanOf(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}
