import { modelInvalid } from '../model-errors.js';
import type { StoredTensors } from '../sharded-weights.js';
import type { GraphBuilder, Value } from './graph-builder.js';

/** Puts tensors of a weights file into a graph, checked against the shape that the architecture expects. */
export class Weights {
  constructor(
    private readonly file: StoredTensors,
    private readonly builder: GraphBuilder,
    /** Goes before every name in the file: task models keep the encoder under `bert.` or the like. */
    private readonly prefix: string,
    /** Goes before every name in the graph, to tell the tensors of several files apart. */
    private readonly scope = '',
  ) {}

  /** The tensor as it is stored. Errors: MODEL_INVALID where it is absent or of another shape. */
  tensor(name: string, shape: readonly number[]): Value {
    const load = this.loader(name, shape);
    return this.builder.weight(this.scope + name, shape, load);
  }

  /** A linear layer's `[output, input]` matrix, transposed to `[input, output]` for `MatMul`. */
  matrix(name: string, outputs: number, inputs: number): Value {
    const load = this.loader(name, [outputs, inputs]);
    return this.builder.weight(this.scope + name, [inputs, outputs], async () =>
      transpose(await load(), outputs, inputs),
    );
  }

  /** A tensor computed from several stored ones, each named with its expected shape. */
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

  /** Checkpoints converted from TensorFlow still call what normalisation scales and shifts by gamma and beta. */
  private storedName(name: string): string {
    if (this.file.tensors.has(name)) return name;
    const older = name
      .replace(/(?<=\.LayerNorm\.)weight$/, 'gamma')
      .replace(/(?<=\.LayerNorm\.)bias$/, 'beta');
    return this.file.tensors.has(older) ? older : name;
  }
}

/** Row-major `[rows, columns]` to `[columns, rows]`. */
export function transpose(matrix: Float32Array, rows: number, columns: number): Float32Array {
  const result = new Float32Array(matrix.length);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++)
      result[column * rows + row] = matrix[row * columns + column]!;
  return result;
}
