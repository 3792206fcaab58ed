import type { OnnxGraphBuilder, Value } from './onnx-graph-builder.js';

type Activation = (builder: OnnxGraphBuilder, input: Value) => Value;

/** Computes `x · sigmoid(x)`: Elfwing et al., "Sigmoid-Weighted Linear Units" (2017). */
export const sigmoidLinearUnit: Activation = (builder, input) =>
  builder.add('Mul', [input, builder.add('Sigmoid', [input])]);

/**
 * Computes the unit exactly, by the error function: Hendrycks and Gimpel, "Gaussian Error Linear
 * Units" (2016).
 */
const gaussianErrorLinearUnit: Activation = (builder, input) => builder.add('Gelu', [input]);

/** Computes the same paper's approximation by the hyperbolic tangent. */
const approximateGaussianErrorLinearUnit: Activation = (builder, input) =>
  builder.add('Gelu', [input], { approximate: { string: 'tanh' } });

/** Activations by their names in config.json. */
export const ACTIVATIONS: Readonly<Record<string, Activation>> = {
  gelu: gaussianErrorLinearUnit,
  gelu_python: gaussianErrorLinearUnit,
  gelu_new: approximateGaussianErrorLinearUnit,
  gelu_fast: approximateGaussianErrorLinearUnit,
  gelu_accurate: approximateGaussianErrorLinearUnit,
  gelu_pytorch_tanh: approximateGaussianErrorLinearUnit,
  gelu_python_tanh: approximateGaussianErrorLinearUnit,
  /** Computes the same paper's approximation by the logistic function. */
  quick_gelu: (builder, input) => {
    const steeper = builder.add('Mul', [input, builder.scalar(1.702)]);
    return builder.add('Mul', [input, builder.add('Sigmoid', [steeper])]);
  },
  silu: sigmoidLinearUnit,
  relu: (builder, input) => builder.add('Relu', [input]),
  relu2: (builder, input) => {
    const positive = builder.add('Relu', [input]);
    return builder.add('Mul', [positive, positive]);
  },
  tanh: (builder, input) => builder.add('Tanh', [input]),
};
