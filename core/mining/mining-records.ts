import type { ScoreSummary } from './score-summary.js';
import type { Candidate, RejectedCandidates } from './select-negatives.js';
import type { Split } from './split-documents.js';

/** A positive of a query: its best chunk for that query is chosen among its rows. */
export interface PlannedPositive {
  documentId: string;
  /**
   * Rows of all chunks of the document; of a pair that gives a chunk's text, that chunk comes
   * first.
   */
  rows: readonly number[];
  /** Whether the pair named the first row by its text, so that no other can be the positive. */
  isExact: boolean;
}

export interface PlannedQuery {
  id: string;
  text: string;
  positives: readonly PlannedPositive[];
  /** Rows of further documents that have the query's own id; absent where there are none. */
  own?: readonly number[];
}

/** What `queries/<shard>.json` holds. */
export interface QueriesRecord {
  formatVersion: 1;
  split: Split;
  /** Number of the first query among all; fixes what random sampling draws. */
  first: number;
  queries: readonly PlannedQuery[];
}

/** Why something of the input is not among the queries or their positives. */
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
  /** Of a pair: its line or row in the input, as error messages count them. */
  row?: number;
  query_id?: string;
  /** As the input names it: a document's id, or a chunk's text. */
  positive?: string;
}

/** What of the input was used and what was left out. */
export interface PairCounts {
  /** Rows of the input: pairs, judgements or documents. */
  pairs: number;
  queries: number;
  /** Pairs that name a document that the version does not have. */
  unknownDocuments: number;
  /** Judgements of queries that are not among the queries. */
  unknownQueries: number;
  /** Queries that had pairs, and none of a known document. */
  queriesWithoutPositive: number;
  /** Pairs without a query, or documents without a title. */
  emptyQueries: number;
  /** Pairs that repeat an earlier one. */
  repeatedPairs: number;
  /** Shards of queries. */
  shards: number;
}

/** What `plan.json` holds. */
export interface MiningPlan {
  formatVersion: 1;
  rangeMax: number;
  /** Candidates that are looked at for each query. */
  window: number;
  counts: PairCounts;
  /** Lists what `counts` says was left out; null where that is nothing. */
  leftOut: TrainingFile | null;
  /** Chunks of the version, and those of them that no other chunk precedes with the same text. */
  chunks: number;
  distinctChunks: number;
  /** Distinct chunks on each side of the split. */
  chunksOf: Readonly<Record<Split, number>>;
  /**
   * Whether chunks that are their query are left out. Absent in plans of releases that kept them.
   */
  rejectsQueries?: true;
}

/** What `candidates/<shard>.json` holds: one entry a query, in order. */
export interface CandidatesRecord {
  formatVersion: 1;
  queries: readonly {
    /** Row and score of each positive's best chunk. */
    positives: readonly Candidate[];
    /** Best first. */
    candidates: readonly Candidate[];
  }[];
}

/**
 * What `cross-scores/<shard>.json` holds: for each query the scores of its first candidates, null
 * where one was not asked.
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
  /** Rows, or lines. */
  rows: number;
}

/** What can be added up over shards. */
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
  /** Of each negative: the query's lowest positive score less its own. */
  differences: ScoreSummary;
}

/** What `commits/<shard>.json` holds. */
export interface MiningCommit {
  formatVersion: 1;
  split: Split;
  files: readonly TrainingFile[];
  totals: MiningTotals;
}
