import type { SelectionOptions } from './selection-options.js';
import type { SplitOptions } from './split-documents.js';
import type { TrainingFormat } from './training-rows.js';

export const TRAINING_EXPORTS = ['flagembedding', 'tevatron'] as const;
export type TrainingExport = (typeof TRAINING_EXPORTS)[number];

/** Where queries and their positives come from. */
export type QuerySource =
  | {
      kind: 'pairs';
      uri: string;
      format: PairFormat;
      columns: PairColumns;
    }
  | { kind: 'beir'; queries: string; qrels: string; minRelevance: number }
  /** Each document's title is a query, and the document its positive. */
  | { kind: 'titles' };

export const PAIR_FORMATS = ['jsonl', 'csv', 'tsv', 'parquet'] as const;
export type PairFormat = (typeof PAIR_FORMATS)[number];

/** Which column of a pair holds what. */
export interface PairColumns {
  query: string;
  /** A document's id, or the text of one of its chunks. */
  positive: string;
  /** The query's own id, where it has one. */
  queryId: string;
}

/**
 * A second look at the candidates: a passage that a cross-encoder scores high answers the query.
 */
export interface CrossEncoderStage {
  /** A path to a folder, or a name in the cache. */
  model: string;
  /** Best candidates that are scored; others are no negatives. */
  top: number;
  /** A negative's similarity must be above this. */
  minBiScore?: number | undefined;
  /** A negative's cross-encoder score must be below this. */
  maxCrossScore: number;
}

/** A mining job as validated: every default filled in, every path absolute. */
export interface MiningSpec {
  output: string;
  dataset: string;
  /** The version itself, never a ref. */
  version: string;
  /** The folder below the version's `triplets/`. */
  name: string;
  source: QuerySource;
  selection: SelectionOptions;
  /** The version's index that candidates are found by; undefined: every chunk is compared. */
  candidateIndex?: string | undefined;
  /**
   * Shingle overlap with a positive, 0 to 1, from which a candidate is a copy of it; undefined:
   * copies are kept.
   */
  nearDuplicate?: number | undefined;
  crossEncoder?: CrossEncoderStage | undefined;
  format: TrainingFormat;
  /** Whether training rows have their scores beside them. */
  scores: boolean;
  split: SplitOptions;
  exports: readonly TrainingExport[];
  /** Share of the pairs, 0 to 1, that may name unknown documents before the job is refused. */
  unknownShare: number;
}

/** What `job.json` of mined triplets holds. */
export interface MiningRecord {
  formatVersion: 1;
  spec: MiningSpec;
  /** Of the version's model, and of the queries'. */
  fingerprint: string;
  /** sha256, hex, of the version's manifest. */
  manifestSha256: string;
  /** Of the cross-encoder; null where there is none. */
  crossEncoderFingerprint: string | null;
  /** Of `candidateIndex`; null where every chunk is compared. */
  index: CandidateIndex | null;
}

/** An index that candidates were found by, and how much of the truth it finds. */
export interface CandidateIndex {
  name: string;
  /** sha256, hex, of its manifest. */
  manifestSha256: string;
  /** What its gate measured before it was published: recall among the nearest `k`. */
  recall: number;
  k: number;
}
