import type { ModelLock } from '../model-lock.js';
import type { SelectionOptions } from './selection-options.js';
import type { SplitOptions } from './split-documents.js';
import type { TrainingFormat } from './training-rows.js';

export const TRAINING_EXPORTS = ['flagembedding', 'tevatron'] as const;
export type TrainingExport = (typeof TRAINING_EXPORTS)[number];

/** Says where queries and their positives come from. */
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

/** Says which column of a pair holds what. */
export interface PairColumns {
  query: string;
  /** The column of a document's id, or of the text of one of its chunks. */
  positive: string;
  /** The column of the query's own id, where it has one. */
  queryId: string;
}

/**
 * A second check of the candidates: a passage that a cross-encoder scores high answers the query.
 */
export interface CrossEncoderStage {
  /** The model as a path to a folder, or as a name in the cache. */
  model: string;
  /** The number of best candidates that are scored. No other candidate becomes a negative. */
  top: number;
  /** The similarity of a negative must be above this number. */
  minBiScore?: number | undefined;
  /** The cross-encoder score of a negative must be below this number. */
  maxCrossScore: number;
}

/** A validated mining job: every default is filled in, and every path is absolute. */
export interface MiningSpec {
  output: string;
  dataset: string;
  /** The name of the version itself, never of a ref. */
  version: string;
  /** The name of the folder below the version's `triplets/`. */
  name: string;
  source: QuerySource;
  selection: SelectionOptions;
  /**
   * The version's index by which candidates are found. Where it is undefined, every chunk is
   * compared.
   */
  candidateIndex?: string | undefined;
  /**
   * The shingle overlap with a positive, 0 to 1, from which a candidate counts as a copy of it.
   * Where it is undefined, copies are kept.
   */
  nearDuplicate?: number | undefined;
  crossEncoder?: CrossEncoderStage | undefined;
  /**
   * The root of objects from which workers take the models that were pulled by name and that they
   * lack. Where it is undefined, they take the cross-encoder from the hub, and the version's model
   * from where its own job says.
   */
  models?: string | undefined;
  format: TrainingFormat;
  /** Whether training rows carry their scores. */
  scores: boolean;
  split: SplitOptions;
  exports: readonly TrainingExport[];
  /**
   * The fraction of the pairs, 0 to 1, that may name unknown documents before the job is refused.
   */
  unknownShare: number;
}

/** A cross-encoder as a mining job was planned with it. */
export interface RecordedCrossEncoder {
  /** The fingerprint of the cross-encoder. Null where there is none. */
  crossEncoderFingerprint: string | null;
  /**
   * The bytes of the cross-encoder, where it was pulled by name. Absent for one by path, and in
   * jobs of releases that locked none.
   */
  crossEncoderLock?: ModelLock | undefined;
}

/** The content of `job.json` of mined triplets. */
export interface MiningRecord extends RecordedCrossEncoder {
  formatVersion: 1;
  /** `MINING_EDITION` of the release that prepared the job. Absent in jobs of edition 1. */
  edition?: number;
  spec: MiningSpec;
  /** The fingerprint of the version's model, which is also the queries'. */
  fingerprint: string;
  /** sha256, hex, of the version's manifest. */
  manifestSha256: string;
  /** The index that `candidateIndex` names. Null where every chunk is compared. */
  index: CandidateIndex | null;
}

/** An index by which candidates were found, and how much of the truth it finds. */
export interface CandidateIndex {
  name: string;
  /** sha256, hex, of the index's manifest. */
  manifestSha256: string;
  /** The recall among the nearest `k` that was measured before the index was published. */
  recall: number;
  k: number;
}
