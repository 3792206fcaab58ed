import type { Configuration } from '../folder/configuration.js';
import type { OnnxGraphBuilder, Value } from './onnx-graph-builder.js';
import type { Weights } from './weights.js';

export interface EncoderInputs {
  /** int64 `[rows, columns]` */
  inputIds: Value;
  /** int64 `[rows, columns]`: 1 for a token, 0 for padding, on either side. */
  attentionMask: Value;
  /** float32 `[rows, 1, 1, columns]`: 0 for a token, and a number far below 0 for padding. */
  maskBias: Value;
  /**
   * bool `[]`: whether no row is padded. It is absent where ONNX Runtime's own attention, which
   * takes no mask, may not be used.
   */
  unpadded?: Value;
  /** int64 `[rows, columns]`; absent where every token is of type 0. */
  tokenTypes?: Value;
}

/** One architecture with one model's sizes. */
export interface Encoder {
  hiddenSize: number;
  /** All token ids are below this number. */
  vocabularySize: number;
  /** The greatest number of tokens in a row. */
  maxPositions: number;
  /** Positions that the configuration counts as well, but that no token can have. */
  reservedPositions?: number;
  /** The number of token types that the encoder tells apart; absent where it does not read them. */
  tokenTypes?: number;
  /** Everything that decides what the encoder computes, except its weights. */
  parameters: Readonly<Record<string, number | string>>;
  /** Appends the encoder; returns its hidden states `[rows, columns, hiddenSize]`. */
  build(builder: OnnxGraphBuilder, weights: Weights, inputs: EncoderInputs): Value;
}

/** A family of encoders. */
export interface Architecture {
  /**
   * The prefixes with which the names of all tensors may begin; the tensor `probeTensor` shows
   * which of them it is.
   */
  weightPrefixes: readonly string[];
  probeTensor: string;
  /**
   * Describes the encoder. Errors: MODEL_INVALID for a missing size, MODEL_UNSUPPORTED for an
   * option that cannot be computed exactly.
   */
  describe(configuration: Configuration): Encoder;
}
