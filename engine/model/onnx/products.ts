import type { OnnxGraphBuilder, Value } from './onnx-graph-builder.js';

/** A linear layer's matrix that is not yet a tensor of the graph. */
export interface Matrix {
  /** The matrix's name in the graph, which no other tensor has. */
  name: string;
  inputs: number;
  outputs: number;
  /** Loads the matrix, row-major `[inputs, outputs]`. */
  load(): Promise<Float32Array>;
}

/** The way in which the products of the encoder's linear layers are computed. */
export interface Products {
  /** Whether ONNX Runtime's own operators may also be used elsewhere in the graph. */
  readonly runtimeOperators: boolean;
  /**
   * Returns `input` `[…, inputs]` times the matrix, plus `bias` `[outputs]` if it is given:
   * `[…, outputs]`.
   */
  multiply(builder: OnnxGraphBuilder, input: Value, matrix: Matrix, bias: Value | undefined): Value;
}

/** Products in float32, by the operators of the standard. */
export const FLOAT_PRODUCTS: Products = {
  runtimeOperators: false,
  multiply(builder, input, { name, inputs, outputs, load }, bias) {
    const product = builder.add('MatMul', [input, builder.weight(name, [inputs, outputs], load)]);
    return bias === undefined ? product : builder.add('Add', [product, bias]);
  },
};
