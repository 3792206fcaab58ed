import type { ScoreSummary } from './score-summary.js';
import type { NegativeCandidate, RejectedCandidates } from './select-negatives.js';
import type { Split } from './split-documents.js';

/** A positive of a query. The best of its rows for that query is chosen. */
export interface PlannedPositive {
  documentId: string;
  /**
   * The rows of all chunks of the document. If the pair gives the text of a chunk, that chunk comes
   * first.
   */
  rows: readonly number[];
  /** Whether the pair named the first row by its text, so that no other row can be the positive. */
  isExact: boolean;
}

export interface PlannedQuery {
  id: string;
  text: string;
  positives: readonly PlannedPositive[];
  /** Rows of further documents that have the same id as the query. Absent where there are none. */
  own?: readonly number[];
}

/** The content of `queries/<shard>.json`. */
export interface QueriesRecord {
  formatVersion: 1;
  split: Split;
  queries: readonly PlannedQuery[];
}

/** The reasons why something in the input is not among the queries or their positives. */
export const LEFT_OUT_REASONS = [
  /** A pair or judgement names a document, or a chunk's text, that the version does not have. */
  'unknown-document',
  /** A judgement is of a query that is not among the queries. */
  'unknown-query',
  /** None of the query's pairs names anything that the version has. */
  'no-positive',
  /** A pair has no query, or a document no title. */
  'empty-query',
] as const;

/** A line of `left-out.jsonl`. */
export interface LeftOut {
  reason: (typeof LEFT_OUT_REASONS)[number];
  /** The line or row of a pair in the input, counted as in error messages. */
  row?: number;
  query_id?: string;
  /** The positive as the input names it: the id of a document, or the text of a chunk. */
  positive?: string;
}

/** Counts of the input that was used and of the input that was left out. */
export interface PairCounts {
  /** Rows of the input: pairs, judgements or documents. */
  pairs: number;
  queries: number;
  /** Pairs that name a document that the version does not have. */
  unknownDocuments: number;
  /** Judgements of queries that are not among the queries. */
  unknownQueries: number;
  /** Queries that had pairs, but none that names a known document. */
  queriesWithoutPositive: number;
  /** Pairs without a query, or documents without a title. */
  emptyQueries: number;
  /** Pairs that repeat an earlier one. */
  repeatedPairs: number;
  /** Shards of queries. */
  shards: number;
}

/** A file from which queries or judgements were read, as its store described it then. */
export interface QueryFile {
  uri: string;
  etag: string;
  bytes: number;
}

/** The content of `plan.json`. */
export interface MiningPlan {
  formatVersion: 1;
  /**
   * The files from which the queries were read; none for titles. Absent in plans of releases that
   * did not record them.
   */
  queryFiles?: readonly QueryFile[];
  rangeMax: number;
  /** The number of candidates that are considered for each query. */
  window: number;
  counts: PairCounts;
  /** The file that lists what `counts` counts as left out. Null where nothing was left out. */
  leftOut: TrainingFile | null;
  /**
   * The number of chunks in the version, and the number of different texts that they have.
   */
  chunks: number;
  distinctChunks: number;
  /** The number of distinct chunks on each side of the split. */
  chunksOf: Readonly<Record<Split, number>>;
  /**
   * Whether chunks that repeat their query are left out. Absent in plans of releases that kept
   * them.
   */
  rejectsQueries?: true;
}

/** The content of `candidates/<shard>.json`: one entry for each query, in order. */
export interface CandidatesRecord {
  formatVersion: 1;
  queries: readonly {
    /** Row and score of each positive's best chunk. */
    positives: readonly NegativeCandidate[];
    /** The candidates, the best first. */
    candidates: readonly NegativeCandidate[];
  }[];
}

/**
 * The content of `cross-scores/<shard>.json`: for each query, the scores of its first candidates. A
 * score is null where the cross-encoder was not asked.
 */
export interface CrossScoresRecord {
  formatVersion: 1;
  queries: readonly (readonly (number | null)[])[];
}

/** A file of triplets as commits and the manifest list it. */
export interface TrainingFile {
  key: string;
  sha256: string;
  bytes: number;
  /** The number of rows or lines. */
  rows: number;
}

/** Counts that can be added up over shards. */
export interface MiningTotals {
  queries: number;
  trainingRows: number;
  negatives: number;
  /** Queries with fewer negatives than asked for, and with none. */
  shortQueries: number;
  queriesWithoutNegatives: number;
  /** Sum of the ranks of all negatives, from 1. */
  rankSum: number;
  /** Negatives that score above their query's lowest positive. */
  abovePositive: number;
  /**
   * Queries that are the title of a positive of theirs. Absent in records of releases that did not
   * count them.
   */
  titleQueries?: number;
  rejected: RejectedCandidates;
  positiveScores: ScoreSummary;
  negativeScores: ScoreSummary;
  /**
   * The summary of the differences between a query's lowest positive score and the score of each of
   * its negatives.
   */
  differences: ScoreSummary;
}

/** The content of `commits/<shard>.json`. */
export interface MiningCommit {
  formatVersion: 1;
  split: Split;
  files: readonly TrainingFile[];
  totals: MiningTotals;
}
