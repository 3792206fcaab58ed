import { lastWhere } from '../../core/last-where.js';
import { TEXT_HASH_BYTES, textHashOf } from '../../core/text-entry.js';
import type { TextList } from '../parquet/text-list-file.js';

/** The texts of a version, each with a row that has its vector, in 24 bytes of memory a text. */
export class TextTable {
  /** The number of texts. */
  readonly length: number;
  readonly #lists: readonly TextList[];

  /** Takes the pieces of a list, whose texts ascend over all pieces. */
  constructor(lists: readonly TextList[]) {
    this.#lists = lists.filter(({ length }) => length > 0);
    this.length = lists.reduce((sum, { length }) => sum + length, 0);
  }

  /** Returns whether each text comes after the one before, without which none can be found. */
  isAscending(): boolean {
    let last: Uint8Array | undefined;
    for (const list of this.#lists)
      for (let place = 0; place < list.length; place += 1) {
        if (last && compareHash(list, place, last) <= 0) return false;
        last = hashAt(list, place);
      }
    return true;
  }

  /** Returns the row key that is listed for the text with this SHA-256, in hex. */
  find(textSha256: string): bigint | undefined {
    const wanted = Buffer.from(textHashOf(textSha256), 'hex');
    const isUpTo = (list: TextList, place: number) => compareHash(list, place, wanted) <= 0;
    const list = this.#lists[lastWhere(this.#lists.length, (piece) => isUpTo(this.#lists[piece]!, 0))];
    if (!list) return undefined;
    const place = lastWhere(list.length, (at) => isUpTo(list, at));
    return compareHash(list, place, wanted) === 0 ? list.rowKeys[place] : undefined;
  }
}

/** Rows of texts, in 24 bytes of memory a row. Several rows may have one text. */
export class TextRows {
  readonly length: number;
  readonly #lists: readonly TextList[];

  /** Takes the pieces of a list, in the order of `byText` over all pieces. */
  constructor(lists: readonly TextList[]) {
    this.#lists = lists.filter(({ length }) => length > 0);
    this.length = lists.reduce((sum, { length }) => sum + length, 0);
  }

  /** Returns whether each row comes after the one before, without which none can be found. */
  isAscending(): boolean {
    let last: { hash: Uint8Array; rowKey: bigint } | undefined;
    for (const list of this.#lists)
      for (let place = 0; place < list.length; place += 1) {
        if (last && compareRow(list, place, last) <= 0) return false;
        last = { hash: hashAt(list, place), rowKey: list.rowKeys[place]! };
      }
    return true;
  }

  /** Returns whether the row is listed for the text with this SHA-256, in hex. */
  has(textSha256: string, rowKey: bigint): boolean {
    const wanted = { hash: Buffer.from(textHashOf(textSha256), 'hex'), rowKey };
    const isUpTo = (list: TextList, place: number) => compareRow(list, place, wanted) <= 0;
    const list = this.#lists[lastWhere(this.#lists.length, (piece) => isUpTo(this.#lists[piece]!, 0))];
    return (
      list !== undefined &&
      compareRow(
        list,
        lastWhere(list.length, (at) => isUpTo(list, at)),
        wanted,
      ) === 0
    );
  }
}

/** Collects texts in any order, for versions that list none. */
export class TextTableBuilder {
  #hashes = Buffer.alloc(TEXT_HASH_BYTES * 1024);
  #rowKeys = new BigUint64Array(1024);
  #length = 0;

  /** Takes a text by its SHA-256 in hex, or by the first half of it. */
  add(textSha256: string, rowKey: bigint): void {
    if (this.#length === this.#rowKeys.length) this.#grow();
    this.#hashes.write(textHashOf(textSha256), this.#length * TEXT_HASH_BYTES, 'hex');
    this.#rowKeys[this.#length] = rowKey;
    this.#length += 1;
  }

  /** Returns the table, which has each text once, with the least of its row keys. */
  build(): TextTable {
    const all: TextList = { length: this.#length, hashes: this.#hashes, rowKeys: this.#rowKeys };
    const order = Uint32Array.from({ length: this.#length }, (_, place) => place).sort(
      (a, b) => comparePlaces(all, a, b) || (all.rowKeys[a]! < all.rowKeys[b]! ? -1 : 1),
    );
    const places = order.filter((place, at) => at === 0 || comparePlaces(all, order[at - 1]!, place) !== 0);
    const hashes = new Uint8Array(places.length * TEXT_HASH_BYTES);
    const rowKeys = new BigUint64Array(places.length);
    for (const [at, place] of places.entries()) {
      hashes.set(hashAt(all, place), at * TEXT_HASH_BYTES);
      rowKeys[at] = all.rowKeys[place]!;
    }
    return new TextTable([{ length: places.length, hashes, rowKeys }]);
  }

  #grow(): void {
    this.#hashes = Buffer.concat([this.#hashes, Buffer.alloc(this.#hashes.length)]);
    const rowKeys = new BigUint64Array(2 * this.#rowKeys.length);
    rowKeys.set(this.#rowKeys);
    this.#rowKeys = rowKeys;
  }
}

function comparePlaces(list: TextList, a: number, b: number): number {
  return compareHash(list, a, hashAt(list, b));
}

function compareRow(
  list: TextList,
  place: number,
  { hash, rowKey }: { hash: Uint8Array; rowKey: bigint },
): number {
  const key = list.rowKeys[place]!;
  return compareHash(list, place, hash) || (key < rowKey ? -1 : key > rowKey ? 1 : 0);
}

function hashAt({ hashes }: TextList, place: number): Uint8Array {
  return hashes.subarray(place * TEXT_HASH_BYTES, (place + 1) * TEXT_HASH_BYTES);
}

function compareHash({ hashes }: TextList, place: number, hash: Uint8Array): number {
  const start = place * TEXT_HASH_BYTES;
  for (let at = 0; at < TEXT_HASH_BYTES; at += 1) {
    const difference = hashes[start + at]! - hash[at]!;
    if (difference !== 0) return difference;
  }
  return 0;
}
