import type { StoredTensors } from '../folder/sharded-weights.js';
import { modelInvalid } from '../model-errors.js';
import type { OnnxGraphBuilder, Value } from './onnx-graph-builder.js';
import { FLOAT_PRODUCTS, type Matrix, type Products } from './products.js';

/**
 * Adds tensors of a weights file to a graph, after checking them against the shape that the
 * architecture expects.
 */
export class Weights {
  constructor(
    private readonly file: StoredTensors,
    private readonly builder: OnnxGraphBuilder,
    /**
     * The beginning of every name in the file. Task models keep the encoder under `bert.` or a
     * similar name.
     */
    private readonly prefix: string,
    /** The beginning of every name in the graph, which tells the tensors of several files apart. */
    private readonly scope = '',
    private readonly products: Products = FLOAT_PRODUCTS,
  ) {}

  /**
   * Returns the tensor as it is stored. Errors: MODEL_INVALID where it is missing or has another
   * shape.
   */
  tensor(name: string, shape: readonly number[]): Value {
    const load = this.loader(name, shape);
    return this.builder.weight(this.scope + name, shape, load);
  }

  /**
   * Returns a linear layer's stored `[outputs, inputs]` matrix, for `multiply`, or one of `parts`
   * equal matrices that are stored one below another. Errors: MODEL_INVALID where it is missing or
   * has another shape.
   */
  matrix(name: string, outputs: number, inputs: number, { part, parts } = { part: 0, parts: 1 }): Matrix {
    const load = this.loader(name, [parts * outputs, inputs]);
    return {
      name: this.scope + (parts === 1 ? name : `${name}.${part}`),
      inputs,
      outputs,
      load: async () => {
        const stored = await load();
        return transpose(stored.subarray(part * outputs * inputs), outputs, inputs);
      },
    };
  }

  /**
   * Returns `input` `[…, inputs]` times a matrix, plus `bias` `[outputs]` if it is given:
   * `[…, outputs]`.
   */
  multiply(input: Value, matrix: Matrix, bias: Value | undefined): Value {
    return this.products.multiply(this.builder, input, matrix, bias);
  }

  /**
   * Returns a tensor that is computed from several stored ones, each named with its expected shape.
   */
  derived(
    name: string,
    shape: readonly number[],
    sources: readonly { name: string; shape: readonly number[] }[],
    compute: (tensors: readonly Float32Array[]) => Float32Array,
  ): Value {
    const loads = sources.map((source) => this.loader(source.name, source.shape));
    return this.builder.weight(this.scope + name, shape, async () =>
      compute(await Promise.all(loads.map((load) => load()))),
    );
  }

  private loader(name: string, shape: readonly number[]): () => Promise<Float32Array> {
    const stored = this.storedName(`${this.prefix}${name}`);
    const info = this.file.tensors.get(stored);
    if (!info) throw modelInvalid(this.file.path, `the weights hold no tensor "${stored}"`);
    if (info.shape.length !== shape.length || info.shape.some((size, axis) => size !== shape[axis]))
      throw modelInvalid(
        this.file.path,
        `tensor "${stored}" has shape [${info.shape}], config.json asks for [${shape}]`,
      );
    return () => this.file.readFloat32(stored);
  }

  /**
   * Checkpoints that were converted from TensorFlow still call the scale and the shift of
   * normalisation gamma and beta.
   */
  private storedName(name: string): string {
    if (this.file.tensors.has(name)) return name;
    const older = name
      .replace(/(?<=\.LayerNorm\.)weight$/, 'gamma')
      .replace(/(?<=\.LayerNorm\.)bias$/, 'beta');
    return this.file.tensors.has(older) ? older : name;
  }
}

/** Returns the first `rows` rows of a row-major `[…, columns]` matrix, as `[columns, rows]`. */
export function transpose(matrix: Float32Array, rows: number, columns: number): Float32Array {
  const result = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++)
      result[column * rows + row] = matrix[row * columns + column]!;
  return result;
}
