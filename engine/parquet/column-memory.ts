/** Numbers from 0, of as many bits as they need. */
export type WholeNumbers = Uint8Array | Uint16Array | Uint32Array;

/** Keeps the columns of files that are read. */
export interface ColumnKeeper {
  /** Returns values that stay as they are, whatever becomes of the array in which they came. */
  keep<Values extends WholeNumbers | Float64Array>(values: Values): Values;
  /** The same for numbers that may be kept with fewer bits. */
  keepNarrow(values: Uint32Array): WholeNumbers;
}

/** Keeps nothing apart. It serves for a file that is read through and then forgotten. */
export const asTheyCame: ColumnKeeper = {
  keep: (values) => values,
  keepNarrow: (values) => values,
};

/** An allocator of the system library puts arrays of this size apart from smaller ones. */
const SLAB_BYTES = 32 * 1024 * 1024;

/** Every kind of array may begin at a multiple of this. */
const ALIGNMENT = 8;

type Constructor<Values> = new (buffer: ArrayBuffer, start: number, length: number) => Values;

/**
 * Keeps many columns in a few large arrays. As arrays of their own they would lie between the
 * buffers of the files that they were read from, so that the memory of those could not be used for
 * larger ones once they are freed.
 */
export class ColumnMemory implements ColumnKeeper {
  readonly #expectedBytes: number;
  #slab = new ArrayBuffer(0);
  #used = 0;

  /** `expectedBytes` is about the size of all columns. Where it is small, so are the arrays. */
  constructor(expectedBytes: number) {
    this.#expectedBytes = expectedBytes;
  }

  keep<Values extends WholeNumbers | Float64Array>(values: Values): Values {
    const kept = this.#take(values.constructor as Constructor<Values>, values.length, values.byteLength);
    kept.set(values as never);
    return kept;
  }

  keepNarrow(values: Uint32Array): WholeNumbers {
    let largest = 0;
    for (let at = 0; at < values.length; at += 1) if (values[at]! > largest) largest = values[at]!;
    if (largest > 0xffff) return this.keep(values);
    const { length } = values;
    const kept =
      largest > 0xff
        ? this.#take<WholeNumbers>(Uint16Array, length, 2 * length)
        : this.#take<WholeNumbers>(Uint8Array, length, length);
    kept.set(values);
    return kept;
  }

  #take<Values>(array: Constructor<Values>, length: number, bytes: number): Values {
    if (this.#used + bytes > this.#slab.byteLength) {
      this.#slab = new ArrayBuffer(Math.max(bytes, Math.min(SLAB_BYTES, this.#expectedBytes)));
      this.#used = 0;
    }
    const start = this.#used;
    this.#used += Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
    return new array(this.#slab, start, length);
  }
}
