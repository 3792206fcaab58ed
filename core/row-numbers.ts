import { splitRowKey } from './ids.js';
import { lastWhere } from './last-where.js';
import type { PartFile } from './part.js';

/**
 * Returns the number of the first row of each file. The rows of a version are numbered over all its
 * files, in their order, from 0.
 */
export function firstRowsOf(files: readonly Pick<PartFile, 'start' | 'end'>[]): number[] {
  let row = 0;
  return files.map(({ start, end }) => {
    row += end - start;
    return row - (end - start);
  });
}

/**
 * The only mapping between the keys and the numbers of a version's rows, by the files that hold
 * them.
 */
export class RowNumbers<File extends Pick<PartFile, 'start' | 'end' | 'firstKey'>> {
  readonly #files: readonly File[];
  readonly #firstRows: readonly number[];
  /**
   * The keys are converted when they are first needed, because a search compares with few of them.
   */
  readonly #firstKeys: (bigint | undefined)[];

  /** Takes all of a version's vector files or chunk files, in the order of the manifest. */
  constructor(files: readonly File[]) {
    this.#files = files.filter(({ start, end }) => end > start);
    this.#firstRows = firstRowsOf(this.#files);
    this.#firstKeys = new Array(this.#files.length);
  }

  /** Returns the number of the row with this key, which must be a key of the version. */
  ofKey(key: bigint): number {
    const at = this.#placeOfKey(key);
    return this.#firstRows[at]! + splitRowKey(key).row - this.#files[at]!.start;
  }

  /** Returns the key of the row with this number. */
  keyOf(row: number): bigint {
    const at = lastWhere(this.#files.length, (place) => this.#firstRows[place]! <= row);
    return this.#firstKey(at) + BigInt(row - this.#firstRows[at]!);
  }

  /**
   * Returns the only file that can hold the row with this key. Undefined for a version without
   * rows.
   */
  fileOfKey(key: bigint): File | undefined {
    return this.#files[this.#placeOfKey(key)];
  }

  #placeOfKey(key: bigint): number {
    return lastWhere(this.#files.length, (place) => this.#firstKey(place) <= key);
  }

  #firstKey(place: number): bigint {
    const key = this.#firstKeys[place] ?? BigInt(this.#files[place]!.firstKey);
    this.#firstKeys[place] = key;
    return key;
  }
}
