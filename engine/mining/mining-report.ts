import type { ChunkingOptions } from '../../core/chunk.js';
import { counted } from '../../core/counted.js';
import type { Manifest } from '../../core/manifest.js';
import type { MiningCommit, MiningPlan, MiningTotals } from '../../core/mining/mining-records.js';
import type { CandidateIndex, MiningRecord, MiningSpec } from '../../core/mining/mining-spec.js';
import { addMiningTotals, NO_MINING_TOTALS } from '../../core/mining/mining-totals.js';
import { meanScoreOf, scoreDeviationOf } from '../../core/mining/score-summary.js';
import { SPLITS, type Split } from '../../core/mining/split-documents.js';
import { metricOf, type ScoreMetric } from '../../core/similarity.js';

/** The result of mining, over both sides of the split and for each. */
export interface MiningReport {
  formatVersion: 1;
  dataset: string;
  version: string;
  name: string;
  /**
   * The model's own similarity, in which scores are given. It is absent in reports of releases that
   * always compared by the cosine.
   */
  metric?: ScoreMetric;
  /** Whether queries were compared with every chunk, or with those that an index found. */
  candidates: { by: 'comparison' } | ({ by: 'index' } & CandidateIndex);
  plan: MiningPlan;
  totals: MiningTotals;
  bySplit: Readonly<Record<Split, { queries: number; trainingRows: number; negatives: number }>>;
  /** Measures of how hard the negatives are; null where there are none. */
  hardness: {
    meanPositiveScore: number | null;
    meanNegativeScore: number | null;
    deviationOfNegativeScores: number | null;
    /** The mean of the lowest positive's score minus the negative's. */
    meanDifference: number | null;
    /** Ranks begin at 1. */
    meanRank: number | null;
    /** The fraction of the negatives that score above their query's lowest positive. */
    shareAbovePositive: number | null;
  };
  /**
   * The numbers of candidates that were taken for answers: copies of a positive, and those to which
   * the cross-encoder gave a high score.
   */
  falseNegativeRejects: { exactDuplicate: number; nearDuplicate: number; crossScore: number };
  /**
   * Sentences about what makes the triplets worse than they look. It is absent in reports of
   * releases that had no notes.
   */
  notes?: readonly string[];
}

/**
 * Adds up the commits of all shards. `signature` and `chunking` are those of the version's
 * manifest.
 */
export function reportOf(
  { spec, index }: MiningRecord,
  plan: MiningPlan,
  commits: readonly MiningCommit[],
  { signature, chunking }: Pick<Manifest, 'signature' | 'chunking'>,
): MiningReport {
  const totals = commits.reduce((sum, commit) => addMiningTotals(sum, commit.totals), NO_MINING_TOTALS);
  const bySplit = SPLITS.map((split) => {
    const own = commits.filter((commit) => commit.split === split);
    const { queries, trainingRows, negatives } = own.reduce(
      (sum, commit) => addMiningTotals(sum, commit.totals),
      NO_MINING_TOTALS,
    );
    return [split, { queries, trainingRows, negatives }] as const;
  });
  const perNegative = (part: number) => (totals.negatives === 0 ? null : part / totals.negatives);
  return {
    formatVersion: 1,
    dataset: spec.dataset,
    version: spec.version,
    name: spec.name,
    metric: metricOf(signature),
    candidates: index ? { by: 'index', ...index } : { by: 'comparison' },
    plan,
    totals,
    bySplit: Object.fromEntries(bySplit) as MiningReport['bySplit'],
    hardness: {
      meanPositiveScore: meanScoreOf(totals.positiveScores),
      meanNegativeScore: meanScoreOf(totals.negativeScores),
      deviationOfNegativeScores: scoreDeviationOf(totals.negativeScores),
      meanDifference: meanScoreOf(totals.differences),
      meanRank: perNegative(totals.rankSum),
      shareAbovePositive: perNegative(totals.abovePositive),
    },
    falseNegativeRejects: {
      exactDuplicate: totals.rejected.exactDuplicate ?? 0,
      nearDuplicate: totals.rejected.nearDuplicate ?? 0,
      crossScore: totals.rejected.crossScore ?? 0,
    },
    notes: reportNotes(spec, totals, chunking),
  };
}

/** A note is given if more than this fraction of the negatives score above their positive. */
const WORTH_A_NOTE = 0.01;

/**
 * Sentences about settings that are valid but make the triplets worse than they look. Each sentence
 * says what to do about it.
 */
export function reportNotes(
  { selection, crossEncoder }: Pick<MiningSpec, 'selection' | 'crossEncoder'>,
  totals: MiningTotals,
  { prefix }: Pick<ChunkingOptions, 'prefix'>,
): string[] {
  const { negatives, abovePositive, queries, titleQueries = 0 } = totals;
  const { absoluteMargin, relativeMargin, maxScore } = selection;
  const isFiltered = [absoluteMargin, relativeMargin, maxScore, crossEncoder].some(
    (limit) => limit !== undefined,
  );
  const notes: string[] = [];
  if (!isFiltered && abovePositive > WORTH_A_NOTE * negatives) {
    const percent = ((100 * abovePositive) / negatives).toFixed(1);
    notes.push(
      `${percent}% of the negatives score above their query's lowest positive, and may be answers themselves; \`preset: 95-percent\` below \`mining\` takes only those that score at least 5% below it`,
    );
  }
  if (titleQueries > 0 && prefix.includes('title'))
    notes.push(
      `${titleQueries} of ${counted(queries, 'query', 'queries')} are the title of their positive, which is part of its chunks' text (\`chunking.prefix\`): such a query finds its own words, and a model trained on them learns to copy titles; mine a version whose chunks have no title before them`,
    );
  return notes;
}
