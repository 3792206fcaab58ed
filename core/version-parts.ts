import { splitRowKey } from './ids.js';
import { lastWhere } from './last-where.js';
import type { RowRange } from './row-ranges.js';
import { fileRowOf, type RowsOfPart, rowKeysOf } from './row-source.js';

/**
 * A pair of files that hold the same rows: their chunks and their vectors. Only the live rows
 * belong to the version; the others belong to earlier versions that share the files.
 */
export interface PartFiles extends RowsOfPart {
  /**
   * The ranges of live rows, which ascend and do not touch, by their numbers in the files. The
   * first row of the files has the number `chunks.start`. Those of a part of one shard are the rows
   * of the shard.
   */
  live: readonly RowRange[];
}

/** A part of a version, with the place of its live rows among all rows of the version. */
export interface LivePart extends PartFiles {
  /** The number of live rows. */
  rows: number;
  /** The number of the first live row. The live rows of a version are numbered from 0. */
  firstRow: number;
}

/** Returns the number of rows in some ranges. */
export function rowsIn(ranges: readonly RowRange[]): number {
  return ranges.reduce((sum, { start, end }) => sum + end - start, 0);
}

/** Returns whether every row of a part's files is live. */
export function isWhole({ chunks: { start, end }, live }: PartFiles): boolean {
  return rowsIn(live) === end - start;
}

const LARGEST_UINT32 = 0xffff_ffff;

/** The parts of a version in the order of their row keys, however they are held. */
export interface PartSource {
  length: number;
  /** Returns the files of a part by its place, from 0. */
  at(place: number): PartFiles;
  /**
   * Returns the ranges of live rows of a part of one shard, without making the part. Undefined for
   * a joined part.
   */
  liveAt(place: number): readonly RowRange[] | undefined;
  /** Returns the number of live rows of a part, which is at least 1. */
  liveRowsAt(place: number): number;
  /** Returns the key of the first row of a part's files. */
  firstKeyAt(place: number): bigint;
}

/**
 * The parts that a version consists of, in the order of their row keys, and the only mapping
 * between the keys and the numbers of its live rows. Parts are made when they are asked for, so
 * that a version of a million parts can be opened.
 */
export class VersionParts implements Iterable<LivePart> {
  /** The number of parts. Each has live rows. */
  readonly length: number;
  /** The number of live rows of all parts. */
  readonly rows: number;
  readonly #source: PartSource;
  /** `[parts]`: the number of the first live row of each part. */
  readonly #firstRows: Uint32Array | Float64Array;

  constructor(source: PartSource) {
    this.#source = source;
    this.length = source.length;
    let firstRows: Uint32Array | Float64Array = new Uint32Array(source.length);
    let rows = 0;
    for (let place = 0; place < source.length; place += 1) {
      if (rows > LARGEST_UINT32 && firstRows instanceof Uint32Array) firstRows = Float64Array.from(firstRows);
      firstRows[place] = rows;
      rows += source.liveRowsAt(place);
    }
    this.#firstRows = firstRows;
    this.rows = rows;
  }

  /** Takes the parts of a version in the order of their row keys. Those without live rows go. */
  static of(files: Iterable<PartFiles>): VersionParts {
    const parts = [...files].filter(({ live }) => rowsIn(live) > 0);
    // The keys are converted when they are first needed, because a search compares with few.
    const firstKeys = new Array<bigint | undefined>(parts.length);
    const firstKeyAt = (place: number) => {
      firstKeys[place] ??= BigInt(parts[place]!.chunks.firstKey);
      return firstKeys[place];
    };
    const { length } = parts;
    const liveAt = (place: number) => (parts[place]!.sources ? undefined : parts[place]!.live);
    const liveRowsAt = (place: number) => rowsIn(parts[place]!.live);
    return new VersionParts({ length, at: (place) => parts[place]!, liveAt, liveRowsAt, firstKeyAt });
  }

  *[Symbol.iterator](): Iterator<LivePart> {
    for (let place = 0; place < this.length; place += 1) yield this.#part(place);
  }

  /** Returns the part at a place, from 0. */
  at(place: number): LivePart | undefined {
    return place < this.length ? this.#part(place) : undefined;
  }

  /** Returns the part that has the row of this number, which must be a row of the version. */
  partOfRow(row: number): LivePart {
    return this.#part(lastWhere(this.length, (place) => this.#firstRows[place]! <= row));
  }

  /** Returns the part whose files hold the row with this key, live or not. */
  partOfKey(key: bigint): LivePart | undefined {
    const place = this.#placeOfKey(key);
    const part = place === undefined ? undefined : this.#part(place);
    return part && fileRowOf(part, key) !== undefined ? part : undefined;
  }

  /** Yields the parts that may have keys from `first` to `last`, in their order. */
  *partsBetween(first: bigint, last: bigint): Generator<LivePart> {
    for (let place = this.#placeOfKey(first) ?? 0; place < this.length; place += 1) {
      if (this.#source.firstKeyAt(place) > last) return;
      yield this.#part(place);
    }
  }

  /** Returns the number of the row with this key. Undefined for a key that is not live. */
  rowOf(key: bigint): number | undefined {
    const part = this.#placeOfKey(key);
    if (part === undefined) return undefined;
    // The part itself is not made, because an index asks for the rows of many thousand keys.
    const live = this.#source.liveAt(part);
    const place = live ? this.#placeInShard(part, live, key) : livePlaceOf(this.#source.at(part), key);
    return place === undefined ? undefined : this.#firstRows[part]! + place;
  }

  /** Returns the key of the row with this number, which must be a row of the version. */
  keyOf(row: number): bigint {
    const part = this.partOfRow(row);
    const at = rowAt(part, row - part.firstRow);
    return rowKeysOf(part, [{ start: at, end: at + 1 }])[0]!.first;
  }

  #placeInShard(part: number, live: readonly RowRange[], key: bigint): number | undefined {
    const { shard, row } = splitRowKey(key);
    const isInShard = splitRowKey(this.#source.firstKeyAt(part)).shard === shard;
    return isInShard ? placeOf({ live }, row) : undefined;
  }

  /** Returns the place of the last part that does not begin after the key. */
  #placeOfKey(key: bigint): number | undefined {
    if (this.length === 0) return undefined;
    const place = lastWhere(this.length, (at) => this.#source.firstKeyAt(at) <= key);
    return this.#source.firstKeyAt(place) <= key ? place : undefined;
  }

  #part(place: number): LivePart {
    const firstRow = this.#firstRows[place]!;
    return { ...this.#source.at(place), firstRow, rows: this.#source.liveRowsAt(place) };
  }
}

/** Returns the place of the row with a key among the live rows of a part, from 0, if it is live. */
export function livePlaceOf(part: PartFiles, key: bigint): number | undefined {
  const row = fileRowOf(part, key);
  return row === undefined ? undefined : placeOf(part, row);
}

/**
 * Returns the place of a row of a part's files among the live rows of the part, from 0. Undefined
 * for a row that is not live.
 */
export function placeOf({ live }: Pick<PartFiles, 'live'>, row: number): number | undefined {
  let place = 0;
  for (const { start, end } of live) {
    if (row < start) return undefined;
    if (row < end) return place + row - start;
    place += end - start;
  }
  return undefined;
}

/** Returns the row of a part's files that has this place among the live rows of the part. */
function rowAt({ live }: PartFiles, place: number): number {
  let before = 0;
  for (const { start, end } of live) {
    if (place < before + end - start) return start + place - before;
    before += end - start;
  }
  throw new RangeError(`live row ${place} of ${before}`);
}
