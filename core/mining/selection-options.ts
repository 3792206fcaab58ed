/**
 * Says which candidates become negatives. Names and meanings are those of sentence-transformers'
 * `mine_hard_negatives`.
 */
export interface SelectionOptions {
  /**
   * The number of best candidates that are passed over. Only candidates that the filters leave are
   * counted.
   */
  rangeMin: number;
  /**
   * The number of candidates that are considered, including those passed over. Where it is
   * undefined, `resolveRangeMax` decides.
   */
  rangeMax?: number | undefined;
  /** A candidate's score may be at most this. */
  maxScore?: number | undefined;
  /** A candidate's score must be at least this. */
  minScore?: number | undefined;
  /** A candidate's score must lie at least this far below the query's lowest positive. */
  absoluteMargin?: number | undefined;
  /** The same margin as a fraction of the magnitude of that positive's score. */
  relativeMargin?: number | undefined;
  /** The number of negatives that are wanted for each query. */
  numNegatives: number;
  sampling: Sampling;
  /** The seed of the random choice. Equal seeds draw equal negatives. */
  seed: number;
  /**
   * Whether positives stay among the candidates, which rankings for the evaluation of rerankers
   * need.
   */
  includePositives: boolean;
}

export const SAMPLINGS = ['top', 'random'] as const;
export type Sampling = (typeof SAMPLINGS)[number];

/** Named sets of options. `95-percent` is TopK-PercPos of NV-Retriever (arXiv 2407.15831). */
export const SELECTION_PRESETS = {
  '95-percent': { relativeMargin: 0.05 },
} as const satisfies Record<string, Partial<SelectionOptions>>;
export type SelectionPreset = keyof typeof SELECTION_PRESETS;

/**
 * Returns the end of the range: the one given, or sentence-transformers' default. The default is
 * the start, plus the number of positives of the query that has most, plus the number of negatives
 * wanted. The last number counts ten times where scores are filtered from above.
 */
export function resolveRangeMax(options: SelectionOptions, maxPositives: number): number {
  const { rangeMax, rangeMin, numNegatives, absoluteMargin, relativeMargin, maxScore } = options;
  if (rangeMax !== undefined) return rangeMax;
  const isFiltered = [absoluteMargin, relativeMargin, maxScore].some((limit) => limit !== undefined);
  return rangeMin + numNegatives * (isFiltered ? 10 : 1) + maxPositives;
}

/**
 * Says what is wrong with options that can never give a negative. Undefined where nothing is wrong.
 */
export function rangeProblem(options: SelectionOptions): string | undefined {
  const { rangeMin, rangeMax, numNegatives } = options;
  if (rangeMax === undefined || rangeMax - rangeMin >= numNegatives) return undefined;
  return `range_min ${rangeMin} and range_max ${rangeMax} leave room for ${Math.max(0, rangeMax - rangeMin)} negatives, not ${numNegatives}`;
}
