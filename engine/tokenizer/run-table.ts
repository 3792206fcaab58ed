import { randomInt } from 'node:crypto';

/** The number of slots for each run, so that few lookups meet another run's slot. */
const SLOTS_PER_RUN = 2;
const FIRST_RUNS = 1 << 10;

/**
 * The prime of 32-bit FNV-1a (http://www.isthe.com/chongo/tech/comp/fnv/), which is computed over
 * UTF-16 units here.
 */
const PRIME = 0x01000193;
/**
 * A random start in place of FNV's offset basis, so that nobody can write a corpus whose runs all
 * fall into one slot.
 */
export const EMPTY_HASH = randomInt(2 ** 32) | 0;

/**
 * Returns the hash of what was hashed before followed by `unit`. The hash of nothing is
 * `EMPTY_HASH`.
 */
export function extendHash(hash: number, unit: number): number {
  return Math.imul(hash ^ unit, PRIME);
}

/** The units `[start, end)` of a text and their hash by `extendHash`. */
export interface TextRun {
  text: string;
  start: number;
  end: number;
  hash: number;
}

/**
 * Maps runs of text to token ids. A run is looked up by its place in a longer text, because a `Map`
 * would need a string of its own for every lookup. Runs are numbered from 0 as they are added.
 */
export class RunTable {
  #size = 0;
  /**
   * Each slot holds 1 more than the number of its run, or 0 if it is empty. Probing is linear over
   * a power of two.
   */
  #slots = new Int32Array(SLOTS_PER_RUN * FIRST_RUNS);
  #hashes = new Int32Array(FIRST_RUNS);
  #units = new Uint16Array(8 * FIRST_RUNS);
  #ids = new Uint32Array(2 * FIRST_RUNS);
  /**
   * The positions where each run's units and ids begin, and at the end, where those of the next run
   * will begin.
   */
  #unitStarts = new Uint32Array(FIRST_RUNS + 1);
  #idStarts = new Uint32Array(FIRST_RUNS + 1);

  get size(): number {
    return this.#size;
  }

  /**
   * Returns the number of a run, or -1. It takes no `Run`, because making one for each lookup would
   * cost as much as the lookup.
   */
  find(text: string, start: number, end: number, hash: number): number {
    const mask = this.#slots.length - 1;
    for (let slot = firstSlot(hash, mask); ; slot = (slot + 1) & mask) {
      const run = this.#slots[slot]! - 1;
      if (run < 0) return -1;
      if (this.#hashes[run] === hash && this.#equals(run, text, start, end)) return run;
    }
  }

  /** Adds a run that is not in the table. */
  add({ text, start, end, hash }: TextRun, ids: ArrayLike<number>): void {
    const run = this.#size;
    if (run === this.#hashes.length) this.#growRuns();
    const unitStart = this.#unitStarts[run]!;
    const idStart = this.#idStarts[run]!;
    const unitEnd = unitStart + end - start;
    const idEnd = idStart + ids.length;
    this.#units = withRoom(this.#units, unitEnd);
    this.#ids = withRoom(this.#ids, idEnd);
    for (let i = start; i < end; i++) this.#units[unitStart + i - start] = text.charCodeAt(i);
    this.#ids.set(ids, idStart);
    this.#hashes[run] = hash;
    this.#unitStarts[run + 1] = unitEnd;
    this.#idStarts[run + 1] = idEnd;
    this.#size += 1;
    this.#place(run);
  }

  idCount(run: number): number {
    return this.#idStarts[run + 1]! - this.#idStarts[run]!;
  }

  /** Writes a run's ids to `target` from `at` on. `target` must have room for them. */
  copyIds(run: number, target: Uint32Array, at: number): void {
    const start = this.#idStarts[run]!;
    const count = this.idCount(run);
    for (let i = 0; i < count; i++) target[at + i] = this.#ids[start + i]!;
  }

  #equals(run: number, text: string, start: number, end: number): boolean {
    const from = this.#unitStarts[run]!;
    const length = end - start;
    if (this.#unitStarts[run + 1]! - from !== length) return false;
    for (let i = 0; i < length; i++) if (this.#units[from + i] !== text.charCodeAt(start + i)) return false;
    return true;
  }

  #place(run: number): void {
    const mask = this.#slots.length - 1;
    let slot = firstSlot(this.#hashes[run]!, mask);
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
    this.#slots[slot] = run + 1;
  }

  #growRuns(): void {
    const runs = 2 * this.#hashes.length;
    this.#hashes = withRoom(this.#hashes, runs);
    this.#unitStarts = withRoom(this.#unitStarts, runs + 1);
    this.#idStarts = withRoom(this.#idStarts, runs + 1);
    this.#slots = new Int32Array(SLOTS_PER_RUN * runs);
    for (let run = 0; run < this.#size; run++) this.#place(run);
  }
}

/**
 * Mixes in the high bits, because the low bits of FNV-1a alone hardly differ for runs that differ
 * in their high bits.
 */
function firstSlot(hash: number, mask: number): number {
  return (hash ^ (hash >>> 15)) & mask;
}

function withRoom<Values extends Int32Array | Uint16Array | Uint32Array>(
  values: Values,
  length: number,
): Values {
  if (length <= values.length) return values;
  const grown = new (values.constructor as new (length: number) => Values)(
    Math.max(length, 2 * values.length),
  );
  grown.set(values);
  return grown;
}
