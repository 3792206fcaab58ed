import type { EncoderInputs } from './architecture.js';
import type { OnnxGraphBuilder, Value } from './onnx-graph-builder.js';

/** Rotary position embeddings for the columns of a batch, each `[columns, 1, headSize]`. */
interface Rotation {
  cosine: Value;
  /**
   * The sines of the angles. The first half is negated, because it is multiplied with the second
   * half of a state.
   */
  sine: Value;
  headSize: number;
}

interface RotationSizes {
  theta: number;
  headSize: number;
  /** The greatest number of columns in a batch. */
  positions: number;
}

/**
 * Makes the rotation of Su et al., "RoFormer" (2021), in the layout of Hugging Face's models:
 * dimension i is rotated together with i + headSize / 2. Columns are counted from the left even
 * where they are padding, because only the distance between two tokens changes a score.
 */
export function rotation(
  builder: OnnxGraphBuilder,
  { inputIds }: EncoderInputs,
  sizes: RotationSizes,
): Rotation {
  const { headSize, positions, theta } = sizes;
  const columns = builder.add('Shape', [inputIds], { start: { int: 1 } });
  const used = (name: string, of: (angle: number) => number) => {
    const shape = [positions, 1, headSize / 2];
    const table = builder.weight(`rotary.${theta}.${name}`, shape, async () => angles(sizes).map(of));
    return builder.add('Slice', [table, builder.integers(0), columns, builder.integers(0)]);
  };
  const [cosine, sine] = [used('cosine', Math.cos), used('sine', Math.sin)];
  const join = (first: Value, second: Value) => builder.add('Concat', [first, second], { axis: { int: -1 } });
  return {
    cosine: join(cosine, cosine),
    sine: join(builder.add('Neg', [sine]), sine),
    headSize,
  };
}

/** Rotates `states` `[rows, columns, heads, headSize]`. */
export function rotate(
  builder: OnnxGraphBuilder,
  states: Value,
  { cosine, sine, headSize }: Rotation,
): Value {
  const part = (from: number, to: number) =>
    builder.add('Slice', [states, builder.integers(from), builder.integers(to), builder.integers(-1)]);
  const [first, second] = [part(0, headSize / 2), part(headSize / 2, headSize)];
  const swapped = builder.add('Concat', [second, first], { axis: { int: -1 } });
  return builder.add('Add', [builder.add('Mul', [states, cosine]), builder.add('Mul', [swapped, sine])]);
}

/**
 * Returns the angles `[positions, headSize / 2]`, rounded to float32 at every step, because models
 * were trained with angles that were rounded in this way.
 */
function angles({ theta, headSize, positions }: RotationSizes): Float32Array {
  const half = headSize / 2;
  const frequencies = Float32Array.from({ length: half }, (_, index) =>
    Math.fround(1 / Math.fround(theta ** Math.fround((2 * index) / headSize))),
  );
  return Float32Array.from(
    { length: positions * half },
    (_, index) => Math.floor(index / half) * frequencies[index % half]!,
  );
}
