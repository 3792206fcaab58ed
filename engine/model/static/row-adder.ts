import { instantiate, layOut, MAX_MEMORY_BYTES, newMemory } from '../../kernels/instantiate.js';
import { ROW_SUMS } from '../../kernels/row-sums.js';

/** The number of columns that the kernel adds up side by side. */
const COLUMNS_AT_ONCE = 16;
/** The number of rows that the kernel gets at once. */
const ROWS_AT_ONCE = 4096;

/** Exports of kernels/assembly/row-sums.ts. */
interface Kernel {
  addRows(values: number, stride: number, rows: number, weights: number, count: number, sums: number): void;
}

/** A table of float32 rows in a memory of its own, with the kernel that adds them up. */
export class RowAdder {
  /** Row-major `[rows, stride]`. */
  readonly values: Float32Array;
  /** The number of values between the beginnings of two rows. Those from `dimensions` on stay 0. */
  readonly stride: number;
  readonly #kernel: Kernel;
  readonly #rows: Uint32Array;
  readonly #weights: Float64Array;
  readonly #sums: Float64Array;

  private constructor(rows: number, stride: number) {
    this.stride = stride;
    const { places, end } = layoutOf(rows, stride);
    const memory = newMemory(end);
    this.#sums = new Float64Array(memory.buffer, places.sums, stride);
    this.#weights = new Float64Array(memory.buffer, places.weights, ROWS_AT_ONCE);
    this.#rows = new Uint32Array(memory.buffer, places.rows, ROWS_AT_ONCE);
    this.values = new Float32Array(memory.buffer, places.values, rows * stride);
    this.#kernel = instantiate<Kernel>(ROW_SUMS, memory);
  }

  /**
   * Makes space for rows with this many columns, all 0. Returns undefined where they need more than
   * 4 GiB.
   */
  static of(rows: number, dimensions: number): RowAdder | undefined {
    const stride = Math.ceil(dimensions / COLUMNS_AT_ONCE) * COLUMNS_AT_ONCE;
    return layoutOf(rows, stride).end > MAX_MEMORY_BYTES ? undefined : new RowAdder(rows, stride);
  }

  /**
   * Returns the float64 sums of `count` rows, added in order and multiplied by their weights if
   * there are any. The next call overwrites these `stride` numbers.
   */
  sum(count: number, rowOf: (index: number) => number, weightOf?: (index: number) => number): Float64Array {
    this.#sums.fill(0);
    for (let start = 0; start < count; start += ROWS_AT_ONCE) {
      const here = Math.min(ROWS_AT_ONCE, count - start);
      for (let index = 0; index < here; index += 1) this.#rows[index] = rowOf(start + index);
      if (weightOf)
        for (let index = 0; index < here; index += 1) this.#weights[index] = weightOf(start + index);
      const weights = weightOf ? this.#weights.byteOffset : 0;
      const { byteOffset: values } = this.values;
      this.#kernel.addRows(values, this.stride, this.#rows.byteOffset, weights, here, this.#sums.byteOffset);
    }
    return this.#sums;
  }
}

function layoutOf(rows: number, stride: number) {
  return layOut({
    sums: 8 * stride,
    weights: 8 * ROWS_AT_ONCE,
    rows: 4 * ROWS_AT_ONCE,
    values: 4 * rows * stride,
  });
}
