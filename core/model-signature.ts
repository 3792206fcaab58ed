export const POOLINGS = ['mean', 'cls'] as const;
export type Pooling = (typeof POOLINGS)[number];

/** What fixes a vector space. Two models with equal signatures may share an index; any difference forbids it. */
export interface ModelSignature {
  /** Display name; the folder's. Not part of the fingerprint. */
  name: string;
  architecture: string;
  /** What else of the model's configuration decides its output: sizes, heads, activation, epsilon. */
  parameters: Readonly<Record<string, number | string>>;
  /** sha256, hex, of the weights file. */
  weightsSha256: string;
  /** sha256, hex, of tokenizer.json. */
  tokenizerSha256: string;
  /** In the order in which their vectors are joined. */
  pooling: readonly Pooling[];
  normalize: boolean;
  /** Tokens a row may have, special tokens included; longer texts are truncated. */
  maxTokens: number;
  dimensions: number;
  precision: 'float32';
  prompts: { readonly query: string; readonly document: string };
}
