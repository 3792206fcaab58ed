import type { Configuration } from '../configuration.js';
import { modelUnsupported } from '../model-errors.js';
import { BERT, ROBERTA } from './architectures/bert.js';
import { DISTILBERT } from './architectures/distilbert.js';
import { MODERNBERT } from './architectures/modernbert.js';
import { MPNET } from './architectures/mpnet.js';
import { QWEN2, QWEN3 } from './architectures/qwen.js';
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

/** By `model_type` of config.json. */
const ARCHITECTURES: Readonly<Record<string, Architecture>> = {
  bert: BERT,
  roberta: ROBERTA,
  'xlm-roberta': ROBERTA,
  camembert: ROBERTA,
  distilbert: DISTILBERT,
  mpnet: MPNET,
  modernbert: MODERNBERT,
  qwen2: QWEN2,
  qwen3: QWEN3,
};

/** Errors: MODEL_UNSUPPORTED, naming the model type, code of the model's own, or a quantisation of its weights. */
export function architectureOf(configuration: Configuration): { name: string; architecture: Architecture } {
  const name = configuration.values.model_type;
  if (typeof name !== 'string' || !Object.hasOwn(ARCHITECTURES, name))
    throw modelUnsupported(
      configuration.file,
      `the architecture ${JSON.stringify(name)} is not supported (supported: ${Object.keys(ARCHITECTURES).join(', ')})`,
    );
  const { auto_map: code, quantization_config: quantization } = configuration.values;
  if (code && Object.hasOwn(code, 'AutoModel'))
    throw modelUnsupported(
      configuration.file,
      'a model computed by code of its own (auto_map) is not supported',
    );
  if (quantization)
    throw modelUnsupported(
      configuration.file,
      'weights stored quantised (quantization_config) are not supported',
    );
  return { name, architecture: ARCHITECTURES[name]! };
}
