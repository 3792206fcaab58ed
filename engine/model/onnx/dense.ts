import type { DenseSignature } from '../../../core/model-signature.js';
import type { DenseActivation } from '../folder/layer-configuration.js';
import { sigmoidLinearUnit } from './activations.js';
import { linear } from './layers.js';
import type { OnnxGraphBuilder, Value } from './onnx-graph-builder.js';
import type { Weights } from './weights.js';

const ACTIVATION_GRAPHS: Readonly<
  Record<DenseActivation, (builder: OnnxGraphBuilder, input: Value) => Value>
> = {
  Identity: (_, input) => input,
  Tanh: operator('Tanh'),
  GELU: operator('Gelu'),
  ReLU: operator('Relu'),
  LeakyReLU: operator('LeakyRelu'),
  ELU: operator('Elu'),
  SELU: operator('Selu'),
  Sigmoid: operator('Sigmoid'),
  SiLU: sigmoidLinearUnit,
  Hardswish: operator('HardSwish'),
  Mish: operator('Mish'),
  Softplus: operator('Softplus'),
  Softsign: operator('Softsign'),
};

/** Appends one of `DENSE_ACTIVATIONS` by its name; the result has the shape of `input`. */
export function appendActivation(builder: OnnxGraphBuilder, name: string, input: Value): Value {
  return ACTIVATION_GRAPHS[name as DenseActivation](builder, input);
}

/** Computes the `Dense` module of sentence-transformers: `[rows, inputs]` to `[rows, outputs]`. */
export function denseLayer(
  builder: OnnxGraphBuilder,
  weights: Weights,
  input: Value,
  layer: Omit<DenseSignature, 'weightsSha256'>,
): Value {
  const { inputs, outputs, bias } = layer;
  const projected = linear(weights, input, { prefix: 'linear', inputs, outputs, bias });
  const activated = appendActivation(builder, layer.activation, projected);
  if (!layer.residual) return activated;
  const residual =
    inputs === outputs ? input : linear(weights, input, { prefix: 'residual', inputs, outputs, bias: false });
  return builder.add('Add', [activated, residual]);
}

function operator(name: string) {
  return (builder: OnnxGraphBuilder, input: Value) => builder.add(name, [input]);
}
