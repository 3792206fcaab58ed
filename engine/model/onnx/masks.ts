import type { EncoderInputs } from './architecture.js';
import type { OnnxGraphBuilder, Value } from './onnx-graph-builder.js';

/**
 * The lowest finite number of float32. PyTorch adds it to the scores of keys that a token must not
 * see.
 */
export const LOWEST_FLOAT32 = -3.4028234663852886e38;

/**
 * Returns a bias `[rows, 1, columns, columns]` that hides padding, and from each token all later
 * ones.
 */
export function causalBias(builder: OnnxGraphBuilder, inputs: EncoderInputs): Value {
  const distance = distanceToKey(builder, inputs.inputIds);
  return hide(builder, inputs, builder.add('Greater', [distance, builder.integer(0)]));
}

/**
 * Returns a bias `[rows, 1, columns, columns]` that hides padding, and from each token all that are
 * more than `reach` tokens away.
 */
export function windowBias(builder: OnnxGraphBuilder, inputs: EncoderInputs, reach: number): Value {
  const distance = builder.add('Abs', [distanceToKey(builder, inputs.inputIds)]);
  return hide(builder, inputs, builder.add('Greater', [distance, builder.integer(reach)]));
}

/**
 * Returns the column of each key minus the column of the query: int64 `[columns, columns]`, one row
 * for each query.
 */
export function distanceToKey(builder: OnnxGraphBuilder, inputIds: Value): Value {
  const columns = builder.add('Squeeze', [builder.add('Shape', [inputIds], { start: { int: 1 } })]);
  const numbers = builder.add('Range', [builder.integer(0), columns, builder.integer(1)]);
  return builder.add('Sub', [
    builder.add('Unsqueeze', [numbers, builder.integers(0)]),
    builder.add('Unsqueeze', [numbers, builder.integers(1)]),
  ]);
}

/**
 * Takes the smaller of two biases and not their sum, because twice the lowest number would be
 * infinite.
 */
function hide(builder: OnnxGraphBuilder, { maskBias }: EncoderInputs, hidden: Value): Value {
  const bias = builder.add('Where', [hidden, builder.scalar(LOWEST_FLOAT32), builder.scalar(0)]);
  return builder.add('Min', [maskBias, bias]);
}
