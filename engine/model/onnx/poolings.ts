import type { Pooling } from '../../../core/model-signature.js';
import { DATA_TYPE } from './onnx-format.js';
import type { OnnxGraphBuilder, Value } from './onnx-graph-builder.js';

export interface PoolingInputs {
  /** `[rows, columns, size]` */
  hidden: Value;
  /**
   * 1 for a token that takes part; 0 for padding and for a prompt that is left out; float32
   * `[rows, columns]`.
   */
  mask: Value;
  /**
   * Each token's number within its row, from 1, with a prompt's tokens; float32 `[rows, columns]`.
   */
  order: () => Value;
}

/**
 * The graphs that make one vector for each row out of hidden states, `[rows, size]`, by the
 * formulas of sentence-transformers' `Pooling` module. Rows may be padded on either side.
 */
export const POOLING_GRAPHS: Readonly<
  Record<Pooling, (builder: OnnxGraphBuilder, inputs: PoolingInputs) => Value>
> = {
  /** Returns the first token's state. */
  cls: (builder, { hidden, mask }) => stateOfLargest(builder, hidden, mask),
  /** Returns the largest number in each dimension. */
  max: (builder, { hidden, mask }) => {
    const counts = builder.add('Cast', [builder.add('Unsqueeze', [mask, builder.integers(2)])], {
      to: { int: DATA_TYPE.bool },
    });
    const states = builder.add('Where', [counts, hidden, builder.scalar(Number.NEGATIVE_INFINITY)]);
    return builder.add('ReduceMax', [states, builder.integers(1)], { keepdims: { int: 0 } });
  },
  /** Returns the average over the row's tokens. */
  mean: (builder, { hidden, mask }) =>
    builder.add('Div', [weightedSum(builder, hidden, mask), totalWeight(builder, mask)]),
  /** Returns the sum over the row's tokens, divided by the square root of their number. */
  mean_sqrt_len_tokens: (builder, { hidden, mask }) => {
    const root = builder.add('Sqrt', [totalWeight(builder, mask)]);
    return builder.add('Div', [weightedSum(builder, hidden, mask), root]);
  },
  /** Returns the average of the row's tokens, each weighted by its number within the row. */
  weightedmean: (builder, { hidden, mask, order }) => {
    const weights = builder.add('Mul', [mask, order()]);
    return builder.add('Div', [weightedSum(builder, hidden, weights), totalWeight(builder, weights)]);
  },
  /** Returns the last token's state, or zeros where no token takes part. */
  lasttoken: (builder, { hidden, mask, order }) => {
    const last = stateOfLargest(builder, hidden, builder.add('Mul', [mask, order()]));
    const counts = builder.add('ReduceMax', [mask, builder.integers(1)], { keepdims: { int: 1 } });
    return builder.add('Mul', [last, counts]);
  },
};

/**
 * Divides each row by its Euclidean norm or, if that is smaller, by 1e-12, as PyTorch's `normalize`
 * does.
 */
export function normalizeRows(builder: OnnxGraphBuilder, vectors: Value): Value {
  const norm = builder.add('ReduceL2', [vectors, builder.integers(1)]);
  return builder.add('Div', [vectors, builder.add('Max', [norm, builder.scalar(1e-12)])]);
}

/** Multiplies `weights` `[rows, columns]` by `hidden` and sums over the columns: `[rows, size]`. */
function weightedSum(builder: OnnxGraphBuilder, hidden: Value, weights: Value): Value {
  const asRow = builder.add('Unsqueeze', [weights, builder.integers(1)]);
  return builder.add('Squeeze', [builder.add('MatMul', [asRow, hidden]), builder.integers(1)]);
}

/** Returns the sum of each row's weights, `[rows, 1]`, never 0. */
function totalWeight(builder: OnnxGraphBuilder, weights: Value): Value {
  const total = builder.add('ReduceSum', [weights, builder.integers(1)]);
  return builder.add('Max', [total, builder.scalar(1e-9)]);
}

/** Returns the state of the first column in which `scores` `[rows, columns]` is largest. */
function stateOfLargest(builder: OnnxGraphBuilder, hidden: Value, scores: Value): Value {
  const column = builder.add('ArgMax', [scores], { axis: { int: 1 }, keepdims: { int: 1 } });
  return builder.add('GatherND', [hidden, column], { batch_dims: { int: 1 } });
}
