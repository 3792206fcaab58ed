import type { Pooling } from '../../../core/model-signature.js';
import type { GraphBuilder, Value } from './graph-builder.js';

export interface PoolingInputs {
  /** `[rows, columns, size]` */
  hidden: Value;
  /** 1 for a token, 0 for padding; float32 `[rows, columns]`. */
  mask: Value;
}

/** How hidden states become one vector a row, `[rows, size]`. Same formulas as sentence-transformers' `Pooling` module. */
export const POOLING_GRAPHS: Readonly<
  Record<Pooling, (builder: GraphBuilder, inputs: PoolingInputs) => Value>
> = {
  /** The average over the row's tokens; padding does not count. */
  mean: (builder, { hidden, mask }) => {
    const asRow = builder.add('Unsqueeze', [mask, builder.integers(1)]);
    const sum = builder.add('Squeeze', [builder.add('MatMul', [asRow, hidden]), builder.integers(1)]);
    const count = builder.add('ReduceSum', [mask, builder.integers(1)]);
    return builder.add('Div', [sum, builder.add('Max', [count, builder.scalar(1e-9)])]);
  },
  /** The first token's state. */
  cls: (builder, { hidden }) => {
    const first = builder.add('Slice', [
      hidden,
      builder.integers(0),
      builder.integers(1),
      builder.integers(1),
    ]);
    return builder.add('Squeeze', [first, builder.integers(1)]);
  },
};

/** Each row divided by its Euclidean norm, or by 1e-12 where that is smaller, as PyTorch's `normalize` does. */
export function normalizeRows(builder: GraphBuilder, vectors: Value): Value {
  const norm = builder.add('ReduceL2', [vectors, builder.integers(1)]);
  return builder.add('Div', [vectors, builder.add('Max', [norm, builder.scalar(1e-12)])]);
}
