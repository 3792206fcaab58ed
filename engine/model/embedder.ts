import type { ModelSignature } from '../../core/model-signature.js';

/** What goes before each text: one of the signature's prompts, or a text. */
export type Prompt = 'query' | 'document' | { text: string };

export interface EmbedOptions {
  prompt?: Prompt;
  /** The caller's turn: until it resolves, texts may be tokenised and nothing else. By default it has come. */
  turn?: Promise<unknown> | undefined;
  signal?: AbortSignal;
  /** Called as rows get done, with the rows and non-padding tokens since the last call. */
  onProgress?: (done: { rows: number; tokens: number }) => void;
}

export interface Embedding {
  /** Row-major `[rows, dimensions]`, in the order of the texts. */
  vectors: Float32Array;
  /** Non-padding tokens computed, special tokens included. */
  tokens: number;
  /** Tokens computed that were padding. */
  paddingTokens: number;
  /** What a provider charges for, as it counted; absent where nobody charges. */
  billedTokens?: number;
}

/** A model ready to embed. Errors: VECTOR_INVALID (NaN or Inf came out), SESSION_LOST, CANCELLED; a provider's PROVIDER_*. */
export interface Embedder {
  readonly signature: ModelSignature;
  /** sha256, hex, of the canonical signature without its name. */
  readonly fingerprint: string;
  embed(texts: readonly string[], options?: EmbedOptions): Promise<Embedding>;
  close(): Promise<void>;
}

/** What goes before each text; empty for no prompt. */
export function promptText(prompts: ModelSignature['prompts'], prompt: Prompt | undefined): string {
  if (prompt === undefined) return '';
  return typeof prompt === 'string' ? prompts[prompt] : prompt.text;
}
