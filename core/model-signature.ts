import type { Similarity } from './similarity.js';

/**
 * How token states become one vector, by the names that sentence-transformers gives them; several
 * are joined.
 */
export const POOLINGS = ['cls', 'max', 'mean', 'mean_sqrt_len_tokens', 'weightedmean', 'lasttoken'] as const;
export type Pooling = (typeof POOLINGS)[number];

/**
 * A fully connected layer over the pooled vector: `activation(W · x + b)`, plus `x` or its
 * projection where `residual`.
 */
export interface DenseSignature {
  kind: 'dense';
  inputs: number;
  outputs: number;
  bias: boolean;
  /** By the name of the PyTorch class. */
  activation: string;
  residual: boolean;
  /** sha256, hex, of the layer's own weights file. */
  weightsSha256: string;
}

/** The token limit of a model that has none of its own: more than any text has. */
export const UNLIMITED_TOKENS = 1_000_000;

/** What lies between pooling and the last normalisation. */
export type LayerSignature = DenseSignature | { kind: 'normalize' };

/** What a model computes with; which of them a model can be asked for depends on its kind. */
export const PRECISIONS = ['float32', 'float16', 'int8'] as const;
export type Precision = (typeof PRECISIONS)[number];

/** The smallest and the largest of some numbers. */
export type Range = readonly [least: number, most: number];

/**
 * What fixes a vector space, and how its vectors are compared. Two models of one fingerprint may
 * share an index; any difference in what it is made of forbids it.
 */
export interface ModelSignature {
  /** Display name; the folder's. Not part of the fingerprint. */
  name: string;
  architecture: string;
  /**
   * What else of the model's configuration decides its output: sizes, heads, activation, epsilon.
   */
  parameters: Readonly<Record<string, number | string>>;
  /**
   * sha256, hex, of the weights file; null where a provider has them and nobody else can see them.
   */
  weightsSha256: string | null;
  /**
   * sha256, hex, of tokenizer.json or of what takes its place: another file, or what transformers
   * makes of the folder.
   */
  tokenizerSha256: string;
  /** In the order in which their vectors are joined. */
  pooling: readonly Pooling[];
  /** Present only where pooling leaves the prompt's tokens out. */
  includePrompt?: false;
  /** In the order in which they are applied; absent where there are none. */
  layers?: readonly LayerSignature[];
  /** Whether vectors end with length 1; done last, after truncation to `dimensions`. */
  normalize: boolean;
  /** Tokens a row may have, special tokens included; longer texts are truncated. */
  maxTokens: number;
  /** Numbers a vector has: the model's own, or the first of them where a job asks for fewer. */
  dimensions: number;
  precision: Precision;
  /**
   * Present only for int8: the range that the input of each product is cut to and laid over 256
   * steps, by the name of the first matrix that takes the input. Measured once, and part of the
   * space like the weights themselves.
   */
  ranges?: Readonly<Record<string, Range>>;
  prompts: { readonly query: string; readonly document: string };
  /**
   * What the model says its vectors are compared by; absent for the cosine, and in records of
   * releases that compared by the cosine alone. Not part of the fingerprint, since it changes no
   * vector.
   */
  similarity?: Exclude<Similarity, 'cosine'>;
}
