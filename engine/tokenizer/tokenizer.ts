/** The tokens of one text, with special tokens, cut at the limit. */
export interface Encoding {
  ids: Uint32Array;
  /** Whether the text had more tokens than the limit. */
  truncated: boolean;
}

/**
 * The position of each token of a text, without special tokens, in UTF-16 code units. The start is
 * inclusive and the end exclusive.
 */
export interface TokenSpans {
  starts: Uint32Array;
  ends: Uint32Array;
}

/** A model's own tokenizer. */
export interface Tokenizer {
  /** The number of tokens that the template adds to every text (`[CLS]` and `[SEP]`: 2). */
  readonly specialTokens: number;
  readonly vocabularySize: number;
  /** Says whether the token with this id stands for no text, as `[SEP]` does. */
  isSpecial(id: number): boolean;
  /** Encodes texts and keeps their order. `maxTokens` includes special tokens. */
  encode(texts: readonly string[], maxTokens: number): Promise<Encoding[]>;
  /** Returns the spans of all tokens, untruncated and without special tokens. */
  spans(texts: readonly string[]): Promise<TokenSpans[]>;
}
