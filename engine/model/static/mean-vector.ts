import { roundToFloat16 } from './round-to-float16.js';

/**
 * The arithmetic by which the sums of token vectors become one vector. Libraries that keep tables
 * in float16 also round intermediate results to float16, but not all of them round the same ones.
 */
export interface MeanArithmetic {
  normalize: boolean;
  /** The least length by which a vector is divided. */
  smallestLength: number;
  /**
   * The results that are rounded to float16: nothing, model2vec's mean and vector, or all of
   * PyTorch's results.
   */
  float16: 'nothing' | 'means' | 'everything';
}

/**
 * Writes the mean to `vector`: `sums` divided by `count` and, if `normalize` is set, by its own
 * length, or by `smallestLength` if that is greater. Both arrays are `[dimensions]`. A vector of
 * zeros stays as it is.
 */
export function meanVector(
  sums: Float64Array,
  count: number,
  vector: Float32Array,
  { normalize, smallestLength, float16 }: MeanArithmetic,
): void {
  if (float16 === 'everything') {
    for (let i = 0; i < vector.length; i++) vector[i] = sums[i]!;
    roundToFloat16(vector);
    for (let i = 0; i < vector.length; i++) vector[i] = vector[i]! / count;
  } else for (let i = 0; i < vector.length; i++) vector[i] = sums[i]! / count;
  if (float16 !== 'nothing') roundToFloat16(vector);
  if (!normalize) return;
  let squares = 0;
  for (let i = 0; i < vector.length; i++) squares += vector[i]! * vector[i]!;
  const length = Float32Array.of(Math.max(Math.sqrt(squares), smallestLength));
  if (length[0] === 0) return;
  if (float16 === 'everything') roundToFloat16(length);
  for (let i = 0; i < vector.length; i++) vector[i] = vector[i]! / length[0]!;
  if (float16 !== 'nothing') roundToFloat16(vector);
}
