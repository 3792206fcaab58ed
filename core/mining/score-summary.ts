/** The number of bins of 0.05 from −1 to 1. */
const BINS = 40;

/**
 * A summary of many scores that does not hold them. Summaries of parts add up to the summary of the
 * whole.
 */
export interface ScoreSummary {
  count: number;
  sum: number;
  sumOfSquares: number;
  /** Null where there are no scores. */
  min: number | null;
  max: number | null;
  /**
   * The number of scores in each of 40 bins of 0.05 from −1 on. The lower end of a bin is
   * inclusive. Scores outside of the range are in the first or the last bin.
   */
  histogram: readonly number[];
}

export function summarise(scores: Iterable<number>): ScoreSummary {
  const histogram = new Array<number>(BINS).fill(0);
  let count = 0;
  let sum = 0;
  let sumOfSquares = 0;
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (const score of scores) {
    count += 1;
    sum += score;
    sumOfSquares += score * score;
    min = Math.min(min, score);
    max = Math.max(max, score);
    const bin = Math.max(0, Math.min(BINS - 1, Math.floor(((score + 1) * BINS) / 2)));
    histogram[bin]! += 1;
  }
  return { count, sum, sumOfSquares, ...(count > 0 ? { min, max } : { min: null, max: null }), histogram };
}

export function addSummaries(left: ScoreSummary, right: ScoreSummary): ScoreSummary {
  const extreme = (pick: (...values: number[]) => number, ...values: (number | null)[]) => {
    const known = values.filter((value) => value !== null);
    return known.length === 0 ? null : pick(...known);
  };
  return {
    count: left.count + right.count,
    sum: left.sum + right.sum,
    sumOfSquares: left.sumOfSquares + right.sumOfSquares,
    min: extreme(Math.min, left.min, right.min),
    max: extreme(Math.max, left.max, right.max),
    histogram: left.histogram.map((value, bin) => value + right.histogram[bin]!),
  };
}

/** Returns the mean of the scores, or null where there are none. */
export function meanScoreOf({ sum, count }: ScoreSummary): number | null {
  return count === 0 ? null : sum / count;
}

/** Returns the population standard deviation of the scores, or null where there are none. */
export function scoreDeviationOf({ sum, sumOfSquares, count }: ScoreSummary): number | null {
  return count === 0 ? null : Math.sqrt(Math.max(0, sumOfSquares / count - (sum / count) ** 2));
}
