import type { OnnxGraphBuilder, Value } from './onnx-graph-builder.js';
import type { Weights } from './weights.js';

/**
 * Computes `x · Wᵀ + b` with the tensors `<prefix>.weight` `[outputs, inputs]` and, unless `bias`
 * is false, `<prefix>.bias`. The input is `[..., inputs]`, and the result is `[..., outputs]`.
 */
export function linear(
  weights: Weights,
  input: Value,
  layer: { prefix: string; inputs: number; outputs: number; bias?: boolean },
): Value {
  const { prefix, inputs, outputs } = layer;
  const matrix = weights.matrix(`${prefix}.weight`, outputs, inputs);
  const bias = layer.bias === false ? undefined : weights.tensor(`${prefix}.bias`, [outputs]);
  return weights.multiply(input, matrix, bias);
}

/**
 * Computes several linear layers whose tensors are stacked in one `<prefix>.weight`
 * `[parts * outputs, inputs]`. Each result is `[..., outputs]`.
 */
export function stackedLinear(
  weights: Weights,
  input: Value,
  layer: { prefix: string; inputs: number; outputs: number; parts: number; bias: boolean },
): Value[] {
  const { prefix, inputs, outputs, parts } = layer;
  const bias = { name: `${prefix}.bias`, shape: [parts * outputs] };
  return Array.from({ length: parts }, (_, part) => {
    const matrix = weights.matrix(`${prefix}.weight`, outputs, inputs, { part, parts });
    if (!layer.bias) return weights.multiply(input, matrix, undefined);
    const shift = weights.derived(`${bias.name}.${part}`, [outputs], [bias], ([stored]) =>
      stored!.slice(part * outputs, (part + 1) * outputs),
    );
    return weights.multiply(input, matrix, shift);
  });
}

/**
 * Normalises over the last axis, with the tensors `<prefix>.weight` and, unless `bias` is false,
 * `<prefix>.bias`. The result has the shape of `input`, `[..., size]`.
 */
export function layerNormalization(
  builder: OnnxGraphBuilder,
  weights: Weights,
  input: Value,
  layer: { prefix: string; size: number; epsilon: number; bias?: boolean },
): Value {
  const inputs = [input, weights.tensor(`${layer.prefix}.weight`, [layer.size])];
  if (layer.bias !== false) inputs.push(weights.tensor(`${layer.prefix}.bias`, [layer.size]));
  return builder.add('LayerNormalization', inputs, { axis: { int: -1 }, epsilon: { float: layer.epsilon } });
}

/**
 * Divides by the root mean square over the last axis: Zhang and Sennrich, "Root Mean Square Layer
 * Normalization" (2019), with the tensor `<prefix>.weight`.
 */
export function rootMeanSquareNormalization(
  builder: OnnxGraphBuilder,
  weights: Weights,
  input: Value,
  layer: { prefix: string; size: number; epsilon: number },
): Value {
  const squares = builder.add('Pow', [input, builder.scalar(2)]);
  const mean = builder.add('ReduceMean', [squares, builder.integers(-1)]);
  const root = builder.add('Sqrt', [builder.add('Add', [mean, builder.scalar(layer.epsilon)])]);
  const scale = weights.tensor(`${layer.prefix}.weight`, [layer.size]);
  return builder.add('Mul', [builder.add('Div', [input, root]), scale]);
}
