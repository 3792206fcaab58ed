import type { StoredTensors } from '../folder/sharded-weights.js';
import { modelUnsupported } from '../model-errors.js';
import type { Architecture, Encoder } from './architecture.js';
import { GRAPH_NAMES } from './graph-names.js';
import { LOWEST_FLOAT32 } from './masks.js';
import { DATA_TYPE } from './onnx-format.js';
import type { OnnxGraphBuilder, Value } from './onnx-graph-builder.js';
import { FLOAT_PRODUCTS, type Products } from './products.js';
import { Weights } from './weights.js';

/**
 * Raise it whenever the graph of an unchanged model changes, so that cached graphs of an older kind
 * are not used.
 */
export const GRAPH_VERSION = 3;

/**
 * Returns the encoder's tensors in a weights file. Errors: MODEL_UNSUPPORTED where there are none.
 */
export function encoderWeights(
  file: StoredTensors,
  builder: OnnxGraphBuilder,
  model: { architecture: Architecture; weightsFile: string },
  products: Products = FLOAT_PRODUCTS,
): Weights {
  const { weightPrefixes, probeTensor } = model.architecture;
  const prefix = weightPrefixes.find((candidate) => file.tensors.has(`${candidate}${probeTensor}`));
  if (prefix !== undefined) return new Weights(file, builder, prefix, '', products);
  throw modelUnsupported(
    model.weightsFile,
    `the weights hold no tensor "${probeTensor}" of the architecture`,
  );
}

/**
 * Declares the graph's inputs and appends the encoder. `tokenTypes` says whether token types are an
 * input, and `runtimeOperators` whether ONNX Runtime's own operators may be used.
 * @returns hidden states `[rows, columns, hiddenSize]`, and a float32 mask `[rows, columns]`: 1 for
 * a token, 0 for padding
 */
export function appendEncoder(
  builder: OnnxGraphBuilder,
  weights: Weights,
  encoder: Encoder,
  { tokenTypes = false, runtimeOperators = false }: { tokenTypes?: boolean; runtimeOperators?: boolean } = {},
): { hidden: Value; mask: Value } {
  const inputIds = builder.input(GRAPH_NAMES.inputIds, 'int64', ['rows', 'columns']);
  const attentionMask = builder.input(GRAPH_NAMES.attentionMask, 'int64', ['rows', 'columns']);
  const mask = builder.add('Cast', [attentionMask], { to: { int: DATA_TYPE.float32 } });
  const lowest = builder.add('Mul', [
    builder.add('Sub', [builder.scalar(1), mask]),
    builder.scalar(LOWEST_FLOAT32),
  ]);
  const maskBias = builder.add('Unsqueeze', [lowest, builder.integers(1, 2)]);
  const optional = {
    ...(tokenTypes && { tokenTypes: builder.input(GRAPH_NAMES.tokenTypes, 'int64', ['rows', 'columns']) }),
    ...(runtimeOperators && { unpadded: allOnes(builder, attentionMask) }),
  };
  const hidden = encoder.build(builder, weights, { inputIds, attentionMask, maskBias, ...optional });
  return { hidden, mask };
}

/** Returns whether the mask is 1 everywhere, bool `[]`. */
function allOnes(builder: OnnxGraphBuilder, mask: Value): Value {
  const least = builder.add('ReduceMin', [mask], { keepdims: { int: 0 } });
  return builder.add('Equal', [least, builder.integer(1)]);
}
