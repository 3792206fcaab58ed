import { minOf } from '../extremes.js';
import { sampleIndexes, seededRandom } from '../seeded-random.js';
import type { SelectionOptions } from './selection-options.js';

/** A chunk near a query. */
export interface Candidate {
  /** The chunk's number in the version. */
  row: number;
  /** By the model's own similarity, float32. */
  score: number;
}

/** A candidate that was chosen. */
export interface SelectedNegative extends Candidate {
  /** Its place among all candidates, from 1, the rejected ones counted. */
  rank: number;
}

/** Why a candidate is no negative. */
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
   * Best first: `rangeMax` candidates and as many more as the query with most positives has of
   * them.
   */
  candidates: readonly Candidate[];
  /** Scores of the query's positives; at least one. */
  positiveScores: readonly number[];
  /** Why a candidate is none whatever its score; undefined for one that may be chosen. */
  rejectionOf(candidate: Candidate, rank: number): RejectReason | undefined;
  /** The query's number, which fixes what `random` draws. */
  query: number;
}

export interface Selection {
  /** Best first; fewer than wanted where the filters left fewer. */
  negatives: SelectedNegative[];
  rejected: RejectedCandidates;
}

/**
 * The negatives of one query, as sentence-transformers 6.2 selects them: filters first, then the
 * range among what they left, then the best or a random choice of it. Comparisons are those of
 * float32, as PyTorch makes them.
 */
export function selectNegatives(
  { candidates, positiveScores, rejectionOf, query }: SelectionInput,
  options: SelectionOptions & { rangeMax: number },
): Selection {
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
  const drawn = sampleIndexes(seededRandom(seed, query), range.length, numNegatives);
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
  // The share of the magnitude is subtracted: a factor would raise the limit of a negative score.
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
