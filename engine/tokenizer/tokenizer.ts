/** One text's tokens, special tokens included, cut at the limit. */
export interface Encoding {
  ids: Uint32Array;
  /** Whether the text had more tokens than the limit. */
  truncated: boolean;
}

/** Where each token of a text lies, special tokens left out; in UTF-16 code units, start inclusive, end exclusive. */
export interface TokenSpans {
  starts: Uint32Array;
  ends: Uint32Array;
}

/** A model's own tokenizer. */
export interface Tokenizer {
  /** Tokens that the template adds to every text (`[CLS]` and `[SEP]`: 2). */
  readonly specialTokens: number;
  readonly vocabularySize: number;
  /** Whether the token with this id stands for no text, as `[SEP]` does. */
  isSpecial(id: number): boolean;
  /** `maxTokens` includes special tokens. Order is kept. */
  encode(texts: readonly string[], maxTokens: number): Promise<Encoding[]>;
  /** Untruncated, without special tokens. */
  spans(texts: readonly string[]): Promise<TokenSpans[]>;
}
