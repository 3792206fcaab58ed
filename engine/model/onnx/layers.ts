import type { GraphBuilder, Value } from './graph-builder.js';
import type { Weights } from './weights.js';

/** `x · Wᵀ + b` with the tensors `<prefix>.weight` `[outputs, inputs]` and, unless `bias` is false, `<prefix>.bias`. */
export function linear(
  builder: GraphBuilder,
  weights: Weights,
  input: Value,
  layer: { prefix: string; inputs: number; outputs: number; bias?: boolean },
): Value {
  const matrix = weights.matrix(`${layer.prefix}.weight`, layer.outputs, layer.inputs);
  const product = builder.add('MatMul', [input, matrix]);
  if (layer.bias === false) return product;
  return builder.add('Add', [product, weights.tensor(`${layer.prefix}.bias`, [layer.outputs])]);
}

/** Over the last axis, with the tensors `<prefix>.weight` and `<prefix>.bias`. */
export function layerNormalization(
  builder: GraphBuilder,
  weights: Weights,
  input: Value,
  layer: { prefix: string; size: number; epsilon: number },
): Value {
  const scale = weights.tensor(`${layer.prefix}.weight`, [layer.size]);
  const shift = weights.tensor(`${layer.prefix}.bias`, [layer.size]);
  return builder.add('LayerNormalization', [input, scale, shift], {
    axis: { int: -1 },
    epsilon: { float: layer.epsilon },
  });
}

/** `query`, `key` and `value` are `[rows, columns, size]`, projected already. */
export interface AttentionInputs {
  query: Value;
  key: Value;
  value: Value;
  /** Added to the scores: 0 for a token, a very negative number for padding; `[rows, 1, 1, columns]`. */
  maskBias: Value;
}

/** Scaled dot-product attention over `heads` heads, without the output projection: `[rows, columns, size]`. */
export function multiHeadAttention(
  builder: GraphBuilder,
  inputs: AttentionInputs,
  sizes: { heads: number; size: number },
): Value {
  const headSize = sizes.size / sizes.heads;
  const split = (value: Value, permutation: readonly number[]) =>
    builder.add(
      'Transpose',
      [builder.add('Reshape', [value, builder.integers(0, 0, sizes.heads, headSize)])],
      { perm: { ints: permutation } },
    );
  const query = split(inputs.query, [0, 2, 1, 3]);
  const key = split(inputs.key, [0, 2, 3, 1]);
  const value = split(inputs.value, [0, 2, 1, 3]);
  const scores = builder.add('Mul', [builder.add('MatMul', [query, key]), builder.scalar(headSize ** -0.5)]);
  const weights = builder.add('Softmax', [builder.add('Add', [scores, inputs.maskBias])], {
    axis: { int: -1 },
  });
  const context = builder.add('Transpose', [builder.add('MatMul', [weights, value])], {
    perm: { ints: [0, 2, 1, 3] },
  });
  return builder.add('Reshape', [context, builder.integers(0, 0, sizes.size)]);
}
