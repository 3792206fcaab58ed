import type { RunPiece } from '../../core/layout.js';
import { shardGroups } from '../../core/shard-groups.js';
import type { ObjectStore } from '../store/object-store.js';
import { createOnce } from '../version/create-once.js';
import { encodeEntries, type RecordCodec, readEntryBlocks } from './bucket-file.js';
import { mergeSorted } from './merge-sorted.js';

/** The number of files that are read at once. */
const CONCURRENT_READS = 16;

/**
 * The number of runs that are merged at once. Each is read in as many blocks, so that memory holds
 * about as many entries while runs are merged as while they are made.
 */
const MERGED_AT_ONCE = 16;

/** Says how entries of one kind are ordered, and how sorted runs of them are stored. */
export interface RunKind<Entry> {
  codec: RecordCodec<Entry>;
  /** Orders entries. Those of a lower bucket come first. */
  compare(a: Entry, b: Entry): number;
  /** Returns the key of a piece of a run. */
  runKey(piece: RunPiece): string;
}

/** The keys of the files that hold the entries of a run, in their order. */
type Run = readonly string[];

/**
 * Sorts the entries of many files, each of which is read once. Where there are too many for the
 * memory, sorted runs are written as working files and merged, a few at a time, until few enough
 * are left. However many entries there are, each is thus read and written a few times, in large
 * blocks. Runs follow from the files alone, so that every attempt makes the same ones.
 */
export class RunSorter<Entry> {
  readonly #store: ObjectStore;
  readonly #kind: RunKind<Entry>;
  readonly #atOnce: number;
  readonly #runs: Run[] = [];
  #reads: (() => Promise<Entry[]>)[] = [];
  #entries: Entry[] = [];

  /** `atOnce` is the number of entries that are sorted in memory. */
  constructor(store: ObjectStore, kind: RunKind<Entry>, atOnce: number) {
    this.#store = store;
    this.#kind = kind;
    this.#atOnce = atOnce;
  }

  /** Takes the entries of a file, which `read` returns. Some files are read together, later. */
  async add(read: () => Promise<Entry[]>): Promise<void> {
    this.#reads.push(read);
    if (this.#reads.length === CONCURRENT_READS) await this.readAdded();
  }

  /** Reads the files that were added and are not read yet. */
  async readAdded(): Promise<void> {
    const reads = this.#reads;
    this.#reads = [];
    for (const entries of await Promise.all(reads.map((read) => read()))) {
      for (const entry of entries) this.#entries.push(entry);
      if (this.#entries.length >= this.#atOnce) await this.#writeRun();
    }
  }

  /** Yields all entries in their order. Errors: FILE_DAMAGED. */
  async *sorted(): AsyncGenerator<Entry> {
    await this.readAdded();
    if (this.#runs.length === 0) {
      yield* this.#entries.sort(this.#kind.compare);
      return;
    }
    if (this.#entries.length > 0) await this.#writeRun();
    let runs = this.#runs;
    for (let level = 1; runs.length > MERGED_AT_ONCE; level += 1) runs = await this.#mergeLevel(runs, level);
    for await (const entries of this.#merged(runs)) yield* entries;
  }

  async #writeRun(): Promise<void> {
    const entries = this.#entries.sort(this.#kind.compare);
    this.#entries = [];
    this.#runs.push([await this.#writePiece(entries, { level: 0, run: this.#runs.length, piece: 0 })]);
  }

  /** Merges each few of some runs into one. */
  async #mergeLevel(runs: readonly Run[], level: number): Promise<Run[]> {
    const merged: Run[] = [];
    for (const { from, to } of shardGroups(runs.length, MERGED_AT_ONCE)) {
      const keys: string[] = [];
      let entries: Entry[] = [];
      const write = async () => {
        keys.push(await this.#writePiece(entries, { level, run: merged.length, piece: keys.length }));
        entries = [];
      };
      for await (const block of this.#merged(runs.slice(from, to)))
        for (const entry of block) {
          entries.push(entry);
          if (entries.length === this.#atOnce) await write();
        }
      if (entries.length > 0) await write();
      merged.push(keys);
    }
    return merged;
  }

  #merged(runs: readonly Run[]): AsyncGenerator<Entry[]> {
    const atOnce = Math.max(1, Math.floor(this.#atOnce / runs.length));
    return mergeSorted(
      runs.map((run) => this.#blocksOf(run, atOnce)),
      this.#kind.compare,
    );
  }

  async *#blocksOf(run: Run, atOnce: number): AsyncGenerator<Entry[]> {
    for (const key of run) yield* readEntryBlocks(this.#store, key, this.#kind.codec, atOnce);
  }

  async #writePiece(entries: readonly Entry[], piece: RunPiece): Promise<string> {
    const key = this.#kind.runKey(piece);
    await createOnce(this.#store, key, encodeEntries(this.#kind.codec, entries));
    return key;
  }
}
