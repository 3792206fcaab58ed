/**
 * What fixes the scores of a cross-encoder, which reads two texts at once and gives numbers, not a
 * vector.
 */
export interface CrossEncoderSignature {
  kind: 'cross-encoder';
  /** Display name; the folder's. Not part of the fingerprint. */
  name: string;
  architecture: string;
  /**
   * What else of the model's configuration decides its output: sizes, heads, activation, epsilon.
   */
  parameters: Readonly<Record<string, number | string>>;
  /** sha256, hex, of the weights file. */
  weightsSha256: string;
  /** sha256, hex, of tokenizer.json, or of what transformers makes of the folder. */
  tokenizerSha256: string;
  /** Whether the two texts' tokens have different types. */
  tokenTypes: boolean;
  /** Numbers that a pair gets. */
  labels: number;
  /** What is applied to them last, by the name of the PyTorch class. */
  outputActivation: string;
  /** Tokens a pair may have, special tokens included; the longer text is truncated first. */
  maxTokens: number;
  precision: 'float32';
}
