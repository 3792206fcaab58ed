import type { ModelSignature } from '../../core/model-signature.js';

/** The text that is put before each text: one of the signature's prompts, or another text. */
export type Prompt = 'query' | 'document' | { text: string };

export interface EmbedOptions {
  prompt?: Prompt;
  /**
   * Resolves when it is the caller's turn. Until then, texts are tokenised, but no vectors are
   * computed. Without it, computing begins at once.
   */
  turn?: Promise<unknown> | undefined;
  signal?: AbortSignal;
  /** Is called whenever rows are done, with the rows and non-padding tokens since the last call. */
  onProgress?: (done: { rows: number; tokens: number }) => void;
}

export interface Embedding {
  /** Row-major `[rows, dimensions]`, in the order of the texts. */
  vectors: Float32Array;
  /** The number of tokens that were computed, special tokens included and padding excluded. */
  tokens: number;
  /** The number of padding tokens that were computed. */
  paddingTokens: number;
  /** The tokens that a provider charges for, by its own count; absent where nobody charges. */
  billedTokens?: number;
}

/**
 * A model that is ready to embed. Errors: VECTOR_INVALID where NaN or Inf was computed,
 * SESSION_LOST, CANCELLED, and the PROVIDER_* errors of a provider.
 */
export interface Embedder {
  readonly signature: ModelSignature;
  /** The SHA-256, in hex, of the canonical signature without its name. */
  readonly fingerprint: string;
  embed(texts: readonly string[], options?: EmbedOptions): Promise<Embedding>;
  close(): Promise<void>;
}

/** Returns the text that is put before each text; empty without a prompt. */
export function promptText(prompts: ModelSignature['prompts'], prompt: Prompt | undefined): string {
  if (prompt === undefined) return '';
  return typeof prompt === 'string' ? prompts[prompt] : prompt.text;
}
