/** Two texts that a model reads together, such as a query and a document. */
export type TextPair = readonly [first: string, second: string];

/** The tokens of one pair, with special tokens, cut at the limit. */
export interface PairEncoding {
  ids: Uint32Array;
  /** The number of each token that tells the first text's tokens from the second's. */
  tokenTypes: Uint8Array;
  /** Whether the texts together had more tokens than the limit. */
  truncated: boolean;
}

/** A model's own tokenizer for pairs of texts. */
export interface PairTokenizer {
  /**
   * The number of tokens that the template adds to every pair (`[CLS]`, `[SEP]` and `[SEP]`: 3).
   */
  readonly specialTokens: number;
  readonly vocabularySize: number;
  /** The number of token types; 1 if the two texts have the same type. */
  readonly tokenTypes: number;
  /**
   * Encodes pairs and keeps their order. `maxTokens` includes special tokens. Errors: USAGE for a
   * limit without room for both texts.
   */
  encodePairs(pairs: readonly TextPair[], maxTokens: number): Promise<PairEncoding[]>;
}
