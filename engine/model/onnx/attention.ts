import type { OnnxGraphBuilder, Value } from './onnx-graph-builder.js';

interface AttentionInputs {
  /** `[rows, columns, heads * headSize]`, already projected. */
  query: Value;
  /** `[rows, columns, keyHeads * headSize]`, already projected, as is `value`. */
  key: Value;
  value: Value;
  /**
   * Added to the scores, with a number far below 0 for each key that must not be seen;
   * `[rows, 1 or heads, 1 or columns, columns]`.
   */
  bias: Value;
  /**
   * bool `[]`: whether `bias` is 0 everywhere. If it is given, ONNX Runtime's own operator is used
   * where it is true.
   */
  unpadded?: Value | undefined;
}

interface AttentionSizes {
  heads: number;
  headSize: number;
  /**
   * The number of heads of keys and values. Each serves as many neighbouring heads of queries. By
   * default, there are as many as heads of queries.
   */
  keyHeads?: number;
}

/** Adds positions to queries or keys `[rows, columns, heads, headSize]`. */
export type Positioning = (states: Value, role: 'query' | 'key') => Value;

/**
 * Computes scaled dot-product attention, without the output projection:
 * `[rows, columns, heads * headSize]`.
 */
export function multiHeadAttention(
  builder: OnnxGraphBuilder,
  inputs: AttentionInputs,
  sizes: AttentionSizes,
  positioning?: Positioning,
): Value {
  const plain = () => plainAttention(builder, inputs, sizes, positioning);
  const { unpadded, query, key, value } = inputs;
  const { heads, headSize, keyHeads = heads } = sizes;
  if (unpadded === undefined || positioning || keyHeads !== heads) return plain();
  // Without a mask, the runtime computes block by block and never stores the scores; decision 0011
  // has the measurements.
  const fused = () =>
    builder.addRuntimeOperator('MultiHeadAttention', [query, key, value], { num_heads: { int: heads } });
  return builder.choose(unpadded, { whenTrue: fused, whenFalse: plain }, [
    'rows',
    'columns',
    heads * headSize,
  ]);
}

function plainAttention(
  builder: OnnxGraphBuilder,
  inputs: AttentionInputs,
  sizes: AttentionSizes,
  positioning: Positioning = (states) => states,
): Value {
  const { heads, headSize, keyHeads = heads } = sizes;
  const reshape = (value: Value, ...shape: readonly number[]) =>
    builder.add('Reshape', [value, builder.integers(...shape)]);
  const transpose = (value: Value, permutation: readonly number[]) =>
    builder.add('Transpose', [value], { perm: { ints: permutation } });
  // The queries of a group become rows of one product with the key that they share, so that no key
  // is copied.
  const group = (value: Value, size: number) =>
    keyHeads === heads ? value : reshape(value, 0, keyHeads, -1, size);
  const ungroup = (value: Value, size: number) =>
    keyHeads === heads ? value : reshape(value, 0, heads, -1, size);
  const query = transpose(positioning(reshape(inputs.query, 0, 0, heads, headSize), 'query'), [0, 2, 1, 3]);
  const key = transpose(positioning(reshape(inputs.key, 0, 0, keyHeads, headSize), 'key'), [0, 2, 3, 1]);
  const value = transpose(reshape(inputs.value, 0, 0, keyHeads, headSize), [0, 2, 1, 3]);
  const products = ungroup(builder.add('MatMul', [group(query, headSize), key]), 0);
  const scores = builder.add('Mul', [products, builder.scalar(headSize ** -0.5)]);
  const weights = builder.add('Softmax', [builder.add('Add', [scores, inputs.bias])], { axis: { int: -1 } });
  const context = ungroup(builder.add('MatMul', [group(weights, 0), value]), headSize);
  return reshape(transpose(context, [0, 2, 1, 3]), 0, 0, heads * headSize);
}
