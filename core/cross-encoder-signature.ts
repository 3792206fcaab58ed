/**
 * The values that determine the scores of a cross-encoder, which reads two texts at once and gives
 * numbers instead of a vector.
 */
export interface CrossEncoderSignature {
  kind: 'cross-encoder';
  /** The name to show, which is that of the folder. It is not part of the fingerprint. */
  name: string;
  architecture: string;
  /**
   * Everything else in the model's configuration that decides its output: sizes, heads, activation,
   * epsilon.
   */
  parameters: Readonly<Record<string, number | string>>;
  /** sha256, hex, of the weights file. */
  weightsSha256: string;
  /** sha256, hex, of tokenizer.json, or of the tokenizer that transformers makes of the folder. */
  tokenizerSha256: string;
  /** Whether the two texts' tokens have different types. */
  tokenTypes: boolean;
  /** The number of scores that a pair gets. */
  labels: number;
  /** The function that is applied to these numbers last, by the name of its PyTorch class. */
  outputActivation: string;
  /**
   * The largest number of tokens in a pair, special tokens included. The longer text is truncated
   * first.
   */
  maxTokens: number;
  precision: 'float32';
}
