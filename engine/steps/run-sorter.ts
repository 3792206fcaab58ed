import { type BucketRange, bucketRanges } from '../../core/buckets.js';
import type { ObjectStore } from '../store/object-store.js';
import { createOnce } from '../version/create-once.js';

/** The number of files that are read at once. */
const CONCURRENT_READS = 16;

/** Says how entries of one kind are ordered, and how sorted runs of them are stored. */
export interface RunKind<Entry> {
  /** Orders entries. Those of a lower bucket come first. */
  compare(a: Entry, b: Entry): number;
  /** Encodes entries as a bucket file. */
  encode(entries: readonly Entry[]): Uint8Array;
  open(key: string): Promise<{ read(range: BucketRange): Promise<Entry[]> }>;
  /** Returns the key of a run by its number from 0. */
  runKey(run: number): string;
}

/**
 * Sorts the entries of many files. Where there are too many for the memory, sorted runs are written
 * as working files and merged, so that each file is read once. Runs follow from the files alone, so
 * that every attempt makes the same ones.
 */
export class RunSorter<Entry> {
  readonly #store: ObjectStore;
  readonly #kind: RunKind<Entry>;
  readonly #atOnce: number;
  readonly #runs: string[] = [];
  #reads: (() => Promise<Entry[]>)[] = [];
  #entries: Entry[] = [];
  #count = 0;

  /** `atOnce` is the number of entries that are sorted in memory. */
  constructor(store: ObjectStore, kind: RunKind<Entry>, atOnce: number) {
    this.#store = store;
    this.#kind = kind;
    this.#atOnce = atOnce;
  }

  /** Takes the entries of a file, which `read` returns. */
  async add(read: () => Promise<Entry[]>): Promise<void> {
    this.#reads.push(read);
    if (this.#reads.length === CONCURRENT_READS) await this.#readFiles();
  }

  /** Yields all entries in their order. Errors: FILE_DAMAGED. */
  async *sorted(): AsyncGenerator<Entry> {
    await this.#readFiles();
    const { compare, open } = this.#kind;
    if (this.#runs.length === 0) {
      yield* this.#entries.sort(compare);
      return;
    }
    if (this.#entries.length > 0) await this.#writeRun();
    const files = await Promise.all(this.#runs.map(open));
    for (const range of bucketRanges(this.#count, this.#atOnce)) {
      const read = await Promise.all(files.map((file) => file.read(range)));
      yield* read.flat().sort(compare);
    }
  }

  async #readFiles(): Promise<void> {
    const reads = this.#reads;
    this.#reads = [];
    for (const entries of await Promise.all(reads.map((read) => read()))) {
      for (const entry of entries) this.#entries.push(entry);
      this.#count += entries.length;
      if (this.#entries.length >= this.#atOnce) await this.#writeRun();
    }
  }

  async #writeRun(): Promise<void> {
    const key = this.#kind.runKey(this.#runs.length);
    await createOnce(this.#store, key, this.#kind.encode(this.#entries));
    this.#runs.push(key);
    this.#entries = [];
  }
}
