import type { Similarity } from './similarity.js';

/**
 * The ways in which token states become one vector, by the names that sentence-transformers uses.
 * The vectors of several poolings are joined.
 */
export const POOLINGS = ['cls', 'max', 'mean', 'mean_sqrt_len_tokens', 'weightedmean', 'lasttoken'] as const;
export type Pooling = (typeof POOLINGS)[number];

/**
 * A fully connected layer over the pooled vector: `activation(W · x + b)`. Where `residual` is set,
 * `x` or its projection is added.
 */
export interface DenseSignature {
  kind: 'dense';
  inputs: number;
  outputs: number;
  bias: boolean;
  /** The activation by the name of its PyTorch class. */
  activation: string;
  residual: boolean;
  /** sha256, hex, of the layer's own weights file. */
  weightsSha256: string;
}

/** The token limit of a model that has no limit of its own. No text has as many tokens. */
export const UNLIMITED_TOKENS = 1_000_000;

/** A layer between pooling and the last normalisation. */
export type LayerSignature = DenseSignature | { kind: 'normalize' };

/**
 * The precisions that a model can compute in. Which of them can be asked for depends on the kind of
 * model.
 */
export const PRECISIONS = ['float32', 'float16', 'int8'] as const;
export type Precision = (typeof PRECISIONS)[number];

/** The smallest and the largest of some numbers. */
export type Range = readonly [least: number, most: number];

/**
 * The values that determine a vector space and how its vectors are compared. Two models with the
 * same fingerprint may share an index. Any difference in what the fingerprint is made of forbids
 * it.
 */
export interface ModelSignature {
  /** The name to show, which is that of the folder. It is not part of the fingerprint. */
  name: string;
  architecture: string;
  /**
   * Everything else in the model's configuration that decides its output: sizes, heads, activation,
   * epsilon.
   */
  parameters: Readonly<Record<string, number | string>>;
  /**
   * sha256, hex, of the weights file. Null where a provider keeps the weights and nobody else can
   * see them.
   */
  weightsSha256: string | null;
  /**
   * sha256, hex, of tokenizer.json or of what takes its place: another file, or the tokenizer that
   * transformers makes of the folder.
   */
  tokenizerSha256: string;
  /** The poolings in the order in which their vectors are joined. */
  pooling: readonly Pooling[];
  /** Present only where pooling leaves out the tokens of the prompt. */
  includePrompt?: false;
  /** The layers in the order in which they are applied. Absent where there are none. */
  layers?: readonly LayerSignature[];
  /** Whether vectors are scaled to length 1 at the end, after truncation to `dimensions`. */
  normalize: boolean;
  /** The largest number of tokens in a row, special tokens included. Longer texts are truncated. */
  maxTokens: number;
  /**
   * The number of values in a vector: as many as the model makes, or the first of them where a job
   * asks for fewer.
   */
  dimensions: number;
  precision: Precision;
  /**
   * Present only for int8. For each product, by the name of the first matrix that takes the input,
   * the range that the input is cut to and divided into 256 steps. It is measured once, and is part
   * of the space like the weights themselves.
   */
  ranges?: Readonly<Record<string, Range>>;
  prompts: { readonly query: string; readonly document: string };
  /**
   * The similarity by which the model says that its vectors are compared. Absent for the cosine,
   * and in records of releases that compared by the cosine alone. It is not part of the
   * fingerprint, since it changes no vector.
   */
  similarity?: Exclude<Similarity, 'cosine'>;
}
