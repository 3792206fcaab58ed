import type { Range } from '../../../core/model-signature.js';
import { modelInvalid } from '../model-errors.js';
import type { OnnxGraphBuilder, Value } from './onnx-graph-builder.js';
import type { Matrix, Products } from './products.js';

/** The number of steps between the ends of a range of unsigned bytes. */
const BYTE_STEPS = 255;
/** The largest weight as a signed byte. −128 is not used, so that the range is symmetric. */
const LARGEST_WEIGHT = 127;

/**
 * The reciprocal of a smaller scale is not a finite float32, so that such numbers are treated as 0.
 */
const SMALLEST_SCALE = 1e-30;

/** Maps a range of float32 values to 0 to 255: `value ≈ scale × (byte - zeroPoint)`. */
export interface ByteScale {
  scale: number;
  zeroPoint: number;
}

/**
 * Returns the scale of a range, which is widened to contain 0. One of the bytes must stand for 0,
 * because padding and masks are 0.
 */
export function byteScale([least, most]: Range): ByteScale {
  const [low, high] = [Math.min(least, 0), Math.max(most, 0)];
  const scale = usable((high - low) / BYTE_STEPS);
  return { scale, zeroPoint: Math.min(BYTE_STEPS, Math.max(0, Math.round(-low / scale))) };
}

function usable(scale: number): number {
  return scale < SMALLEST_SCALE ? 1 : Math.fround(scale);
}

/**
 * Stores row-major `[inputs, outputs]` weights as signed bytes, with one scale for each column:
 * `weight ≈ scales[column] × byte`.
 */
export function quantiseColumns(
  weights: Float32Array,
  outputs: number,
): { bytes: Int8Array; scales: Float32Array } {
  const scales = new Float32Array(outputs);
  for (let at = 0; at < weights.length; at += outputs)
    for (let column = 0; column < outputs; column++) {
      const size = Math.abs(weights[at + column]!);
      if (size > scales[column]!) scales[column] = size;
    }
  for (let column = 0; column < outputs; column++) scales[column] = usable(scales[column]! / LARGEST_WEIGHT);
  const bytes = new Int8Array(weights.length);
  for (let at = 0; at < weights.length; at += outputs)
    for (let column = 0; column < outputs; column++) {
      const byte = Math.round(weights[at + column]! / scales[column]!);
      // A scale that was rounded down could push the largest weight one step too far.
      bytes[at + column] = Math.max(-LARGEST_WEIGHT, Math.min(LARGEST_WEIGHT, byte));
    }
  return { bytes, scales };
}

/**
 * Products of bytes. Inputs are quantised by the fixed range of their site, weights by column. Sums
 * are exact in int32, and results are float32. A row's result depends on that row alone, because
 * nothing is measured while embedding. Layers that share an input share its bytes. `ranges` has an
 * entry for every site, which is named after the first matrix that the input is multiplied with.
 */
export function byteProducts(ranges: Readonly<Record<string, Range>>, file: string): Products {
  const quantised = new Map<Value, { bytes: Value; scale: Value; zeroPoint: Value }>();
  const quantise = (builder: OnnxGraphBuilder, input: Value, site: string) => {
    const known = quantised.get(input);
    if (known) return known;
    const range = ranges[site];
    if (!range) throw modelInvalid(file, `the calibration holds no range for the input of "${site}"`);
    const { scale, zeroPoint } = byteScale(range);
    const [scaleValue, zeroValue] = [builder.scalar(scale), builder.byte(zeroPoint)];
    const bytes = builder.add('QuantizeLinear', [input, scaleValue, zeroValue]);
    const made = { bytes, scale: scaleValue, zeroPoint: zeroValue };
    quantised.set(input, made);
    return made;
  };
  return {
    runtimeOperators: true,
    multiply(builder, input, matrix, bias) {
      const { bytes, scale, zeroPoint } = quantise(builder, input, matrix.name);
      const { weights, scales } = byteMatrix(builder, matrix);
      const inputs = [bytes, weights, scale, scales, zeroPoint];
      return builder.addRuntimeOperator(
        'MatMulIntegerToFloat',
        bias === undefined ? inputs : [...inputs, '', bias],
      );
    },
  };
}

function byteMatrix(builder: OnnxGraphBuilder, { name, inputs, outputs, load }: Matrix) {
  const quantised = async () => quantiseColumns(await load(), outputs);
  const weights = builder.tensor({
    name: `${name}.bytes`,
    type: 'int8',
    shape: [inputs, outputs],
    load: async () => (await quantised()).bytes,
  });
  const scales = builder.weight(`${name}.scales`, [outputs], async () => (await quantised()).scales);
  return { weights, scales };
}

/** The names of the graph's outputs that hold the smallest and the largest number at a site. */
export const observation = {
  least: (site: string) => `least ${site}`,
  most: (site: string) => `most ${site}`,
};

/**
 * Products as `inner` computes them, in a graph that also returns the range of each input, float32
 * `[]`, as outputs.
 */
export function observedProducts(inner: Products): Products & { readonly sites: readonly string[] } {
  const seen = new Set<Value>();
  const sites: string[] = [];
  return {
    runtimeOperators: inner.runtimeOperators,
    sites,
    multiply(builder, input, matrix, bias) {
      if (!seen.has(input)) {
        seen.add(input);
        sites.push(matrix.name);
        const end = (operator: string) => builder.add(operator, [input], { keepdims: { int: 0 } });
        builder.output(observation.least(matrix.name), end('ReduceMin'), []);
        builder.output(observation.most(matrix.name), end('ReduceMax'), []);
      }
      return inner.multiply(builder, input, matrix, bias);
    },
  };
}
