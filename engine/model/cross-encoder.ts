import type { CrossEncoderSignature } from '../../core/cross-encoder-signature.js';
import type { TextPair } from '../tokenizer/pair-tokenizer.js';
import type { ModelResources } from './model.js';

/** What is asked of a cross-encoder; what is absent is as the model itself says. */
export interface CrossEncoderSettings {
  /** A pulled model by name, or a path to its folder. */
  source: string;
  /** Tokens a pair may have, special tokens included. */
  maxTokens?: number | undefined;
  /** What is applied to the logits, by the name of the PyTorch class: `Identity` leaves them as they are. */
  activation?: string | undefined;
}

export interface ScoreOptions {
  signal?: AbortSignal | undefined;
  /** Called as pairs get done, with the pairs and non-padding tokens since the last call. */
  onProgress?: ((done: { rows: number; tokens: number }) => void) | undefined;
}

/** A document's place in a ranking. */
export interface RankedDocument {
  /** Its number among the documents that were given, from 0. */
  index: number;
  score: number;
}

/** A model ready to score pairs. Errors: VECTOR_INVALID (NaN or Inf for a pair, named by its number), SESSION_LOST, CANCELLED. */
export interface CrossEncoder {
  readonly signature: CrossEncoderSignature;
  /** sha256, hex, of the canonical signature without its name. */
  readonly fingerprint: string;
  /** Row-major `[pairs, labels]`, in the order of the pairs. */
  score(pairs: readonly TextPair[], options?: ScoreOptions): Promise<Float32Array>;
  /**
   * The `topK` best documents for a query, by default all, best first; equal scores in the order of the documents.
   * Errors: USAGE for a model with more than one label.
   */
  rank(
    query: string,
    documents: readonly string[],
    options?: ScoreOptions & { topK?: number | undefined },
  ): Promise<RankedDocument[]>;
  close(): Promise<void>;
}

/** A cross-encoder that was found and described, and not loaded. */
export interface CrossEncoderModel {
  readonly signature: CrossEncoderSignature;
  /** sha256, hex, of the canonical signature without its name. */
  readonly fingerprint: string;
  /** The folder that it was found in. */
  readonly location: string;
  /** Refuses what `open` would refuse, without reading a weight or starting a session. */
  check(): Promise<void>;
  open(resources?: ModelResources): Promise<CrossEncoder>;
}
