import type { Configuration } from '../folder/configuration.js';
import type { GraphBuilder, Value } from './graph-builder.js';
import type { Weights } from './weights.js';

export interface EncoderInputs {
  /** int64 `[rows, columns]` */
  inputIds: Value;
  /** int64 `[rows, columns]`: 1 for a token, 0 for padding, on either side. */
  attentionMask: Value;
  /** float32 `[rows, 1, 1, columns]`: 0 for a token, a very negative number for padding. */
  maskBias: Value;
  /** bool `[]`: whether no row is padded; only where ONNX Runtime's own attention may be used, which takes no mask. */
  unpadded?: Value;
  /** int64 `[rows, columns]`; absent where every token is of type 0. */
  tokenTypes?: Value;
}

/** One architecture with one model's sizes. */
export interface Encoder {
  hiddenSize: number;
  /** Token ids are below this. */
  vocabularySize: number;
  /** Tokens a row may have at most. */
  maxPositions: number;
  /** Positions that the configuration counts besides, and that no token can have. */
  reservedPositions?: number;
  /** Token types that the encoder tells apart; absent where it looks at none. */
  tokenTypes?: number;
  /** Everything but the weights that decides what the encoder computes. */
  parameters: Readonly<Record<string, number | string>>;
  /** Appends the encoder; returns its hidden states `[rows, columns, hiddenSize]`. */
  build(builder: GraphBuilder, weights: Weights, inputs: EncoderInputs): Value;
}

/** A family of encoders. */
export interface Architecture {
  /** What may stand before every tensor name, and a tensor that tells which one does. */
  weightPrefixes: readonly string[];
  probeTensor: string;
  /** Errors: MODEL_INVALID for a missing size, MODEL_UNSUPPORTED for an option that is not computed exactly. */
  describe(configuration: Configuration): Encoder;
}
