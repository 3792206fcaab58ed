import type { EncoderInputs } from './architecture.js';
import type { GraphBuilder, Value } from './graph-builder.js';

/** float32's lowest finite number, which PyTorch adds to the scores of what a token must not see. */
export const LOWEST_FLOAT32 = -3.4028234663852886e38;

/** `[rows, 1, columns, columns]`: the padding's bias, and no token sees a later one. */
export function causalBias(builder: GraphBuilder, inputs: EncoderInputs): Value {
  const distance = distanceToKey(builder, inputs.inputIds);
  return hide(builder, inputs, builder.add('Greater', [distance, builder.integer(0)]));
}

/** `[rows, 1, columns, columns]`: the padding's bias, and no token sees one more than `reach` tokens away. */
export function windowBias(builder: GraphBuilder, inputs: EncoderInputs, reach: number): Value {
  const distance = builder.add('Abs', [distanceToKey(builder, inputs.inputIds)]);
  return hide(builder, inputs, builder.add('Greater', [distance, builder.integer(reach)]));
}

/** The number of each key's column less that of the query's: int64 `[columns, columns]`, one row a query. */
export function distanceToKey(builder: GraphBuilder, inputIds: Value): Value {
  const columns = builder.add('Squeeze', [builder.add('Shape', [inputIds], { start: { int: 1 } })]);
  const numbers = builder.add('Range', [builder.integer(0), columns, builder.integer(1)]);
  return builder.add('Sub', [
    builder.add('Unsqueeze', [numbers, builder.integers(0)]),
    builder.add('Unsqueeze', [numbers, builder.integers(1)]),
  ]);
}

/** The smaller of two biases, not their sum: twice the lowest number would be infinite. */
function hide(builder: GraphBuilder, { maskBias }: EncoderInputs, hidden: Value): Value {
  const bias = builder.add('Where', [hidden, builder.scalar(LOWEST_FLOAT32), builder.scalar(0)]);
  return builder.add('Min', [maskBias, bias]);
}
