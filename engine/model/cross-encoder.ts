import type { CrossEncoderSignature } from '../../core/cross-encoder-signature.js';
import type { ModelLock } from '../../core/model-lock.js';
import type { TextPair } from '../tokenizer/pair-tokenizer.js';
import type { ModelResources } from './model.js';

/** Settings for a cross-encoder. What is absent is taken from the model. */
export interface CrossEncoderSettings {
  /** A pulled model by name, or a path to its folder. */
  source: string;
  /** The bytes that a name stands for, as a job has locked them. */
  lock?: ModelLock | undefined;
  /** The greatest number of tokens in a pair, special tokens included. */
  maxTokens?: number | undefined;
  /**
   * The function that is applied to the logits, by the name of its PyTorch class. `Identity` leaves
   * them as they are.
   */
  activation?: string | undefined;
}

export interface ScoreOptions {
  signal?: AbortSignal | undefined;
  /** Is called when pairs are done, with the pairs and non-padding tokens since the last call. */
  onProgress?: ((done: { rows: number; tokens: number }) => void) | undefined;
}

/** A document's place in a ranking. */
export interface RankedDocument {
  /** The document's number among the given documents, from 0. */
  index: number;
  score: number;
}

/**
 * A model that is ready to score pairs. Errors: VECTOR_INVALID (NaN or Inf for a pair, which is
 * named by its number), SESSION_LOST, CANCELLED.
 */
export interface CrossEncoder {
  readonly signature: CrossEncoderSignature;
  /** The SHA-256, in hex, of the canonical signature without its name. */
  readonly fingerprint: string;
  /** Scores, row-major `[pairs, labels]`, in the order of the pairs. */
  score(pairs: readonly TextPair[], options?: ScoreOptions): Promise<Float32Array>;
  /**
   * Returns the `topK` best documents for a query, best first; by default all. Documents with equal
   * scores keep their order. Errors: USAGE for a model with more than one label.
   */
  rank(
    query: string,
    documents: readonly string[],
    options?: ScoreOptions & { topK?: number | undefined },
  ): Promise<RankedDocument[]>;
  close(): Promise<void>;
}

/** A cross-encoder that has been found and described, but not loaded. */
export interface CrossEncoderModel {
  readonly signature: CrossEncoderSignature;
  /** The SHA-256, in hex, of the canonical signature without its name. */
  readonly fingerprint: string;
  /** The folder in which it was found. */
  readonly location: string;
  /** The exact bytes of the model, where it was pulled by its name. */
  readonly lock?: ModelLock | undefined;
  /** Refuses what `open` would refuse, without reading weights or starting a session. */
  check(): Promise<void>;
  open(resources?: ModelResources): Promise<CrossEncoder>;
}
