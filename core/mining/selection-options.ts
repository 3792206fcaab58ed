/**
 * Which candidates become negatives; names and meanings as in sentence-transformers'
 * `mine_hard_negatives`.
 */
export interface SelectionOptions {
  /** Best candidates passed over, counted among those that the filters leave. */
  rangeMin: number;
  /**
   * Candidates looked at, the passed-over ones included; undefined for `resolveRangeMax`'s rule.
   */
  rangeMax?: number | undefined;
  /** A candidate's score may be at most this. */
  maxScore?: number | undefined;
  /** A candidate's score must be at least this. */
  minScore?: number | undefined;
  /** A candidate's score must lie at least this far below the query's lowest positive. */
  absoluteMargin?: number | undefined;
  /** The same as a share of that positive's magnitude. */
  relativeMargin?: number | undefined;
  /** Negatives wanted for each query. */
  numNegatives: number;
  sampling: Sampling;
  /** Of `random`; equal seeds draw equal negatives. */
  seed: number;
  /** Whether positives stay among the candidates, for rankings that rerankers are evaluated on. */
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
 * The range's end: as given, or sentence-transformers' default: the start, plus the positives of
 * the query that has most, plus the negatives wanted, ten times as many where scores are filtered
 * from above.
 */
export function resolveRangeMax(options: SelectionOptions, maxPositives: number): number {
  const { rangeMax, rangeMin, numNegatives, absoluteMargin, relativeMargin, maxScore } = options;
  if (rangeMax !== undefined) return rangeMax;
  const isFiltered = [absoluteMargin, relativeMargin, maxScore].some((limit) => limit !== undefined);
  return rangeMin + numNegatives * (isFiltered ? 10 : 1) + maxPositives;
}

/** What is wrong with options that could never give a negative; undefined where nothing is. */
export function rangeProblem(options: SelectionOptions): string | undefined {
  const { rangeMin, rangeMax, numNegatives } = options;
  if (rangeMax === undefined || rangeMax - rangeMin >= numNegatives) return undefined;
  return `range_min ${rangeMin} and range_max ${rangeMax} leave room for ${Math.max(0, rangeMax - rangeMin)} negatives, not ${numNegatives}`;
}
