import { minOf } from '../extremes.js';
import { sampleIndexes, seededRandom } from '../seeded-random.js';
import { hashOfText } from '../text-hash.js';
import type { SelectionOptions } from './selection-options.js';

/** A chunk near a query. */
export interface NegativeCandidate {
  /** The chunk's number in the version. */
  row: number;
  /** The score by the model's own similarity, as float32. */
  score: number;
}

/** A candidate that was chosen. */
export interface SelectedNegative extends NegativeCandidate {
  /** The candidate's place among all candidates, from 1. Rejected candidates are counted. */
  rank: number;
}

/** The reasons why a candidate is not a negative. */
export const REJECT_REASONS = [
  'positive',
  'positiveDocument',
  'exactDuplicate',
  'nearDuplicate',
  'queryItself',
  'biScore',
  'crossScore',
  'beyondCrossEncoder',
  'absoluteMargin',
  'relativeMargin',
  'maxScore',
  'minScore',
] as const;
export type RejectReason = (typeof REJECT_REASONS)[number];
export type RejectedCandidates = Partial<Record<RejectReason, number>>;

export interface SelectionInput {
  /**
   * The candidates, the best first: `rangeMax` of them, and as many more as the query with the most
   * positives has positives.
   */
  candidates: readonly NegativeCandidate[];
  /** The scores of the query's positives, of which there is at least one. */
  positiveScores: readonly number[];
  /**
   * Returns the reason why a candidate is rejected whatever its score. Undefined for one that may
   * be chosen.
   */
  rejectionOf(candidate: NegativeCandidate, rank: number): RejectReason | undefined;
  /** The query's text, which fixes what `random` draws, wherever the query is among others. */
  query: string;
}

export interface NegativeSelection {
  /** The negatives, the best first. There are fewer than wanted where the filters left fewer. */
  negatives: SelectedNegative[];
  rejected: RejectedCandidates;
}

/**
 * Selects the negatives of one query as sentence-transformers 6.2 does: first the filters, then the
 * range among the candidates that are left, then the best of the range or a random choice from it.
 * Comparisons are made in float32, as PyTorch makes them.
 */
export function selectNegatives(
  { candidates, positiveScores, rejectionOf, query }: SelectionInput,
  options: SelectionOptions & { rangeMax: number },
): NegativeSelection {
  const { rangeMin, rangeMax, numNegatives, sampling, seed } = options;
  const filter = scoreFilter(options, minOf(positiveScores));
  const rejected: RejectedCandidates = {};
  const left: SelectedNegative[] = [];
  for (const [index, candidate] of candidates.entries()) {
    const reason = rejectionOf(candidate, index + 1) ?? filter(candidate.score);
    if (reason === undefined) left.push({ ...candidate, rank: index + 1 });
    else rejected[reason] = (rejected[reason] ?? 0) + 1;
  }
  const range = left.slice(rangeMin, rangeMax);
  if (sampling === 'top') return { negatives: range.slice(0, numNegatives), rejected };
  const drawn = sampleIndexes(seededRandom(seed, hashOfText(query, seed)), range.length, numNegatives);
  return { negatives: drawn.map((index) => range[index]!), rejected };
}

function scoreFilter(
  options: SelectionOptions,
  lowestPositive: number,
): (score: number) => RejectReason | undefined {
  const absoluteMargin = float32(options.absoluteMargin);
  const relativeMargin = float32(options.relativeMargin);
  const maxScore = float32(options.maxScore) ?? Number.POSITIVE_INFINITY;
  const minScore = float32(options.minScore) ?? Number.NEGATIVE_INFINITY;
  // A fraction of the magnitude is subtracted, because a factor would raise the limit of a negative
  // score.
  const relativeLimit =
    relativeMargin === undefined
      ? Number.POSITIVE_INFINITY
      : Math.fround(lowestPositive - Math.fround(Math.abs(lowestPositive) * relativeMargin));
  return (score) => {
    if (absoluteMargin !== undefined && Math.fround(score + absoluteMargin) > lowestPositive)
      return 'absoluteMargin';
    if (score > relativeLimit) return 'relativeMargin';
    if (score > maxScore) return 'maxScore';
    return score < minScore ? 'minScore' : undefined;
  };
}

function float32(value: number | undefined): number | undefined {
  return value === undefined ? undefined : Math.fround(value);
}
