import { byText, type TextEntry } from '../../core/text-entry.js';
import type { OpenVersion } from '../version/open-version.js';
import { RunSorter } from './run-sorter.js';
import { readTextFile, TEXT_FILE } from './text-file.js';

/** The number of texts that are sorted in memory, at about 150 bytes each. */
const TEXTS_AT_ONCE = 262_144;

/** Sorts the texts of all shards of a version by their hashes. */
export class TextSorter {
  readonly #version: OpenVersion;
  readonly #sorter: RunSorter<TextEntry>;

  constructor(version: OpenVersion, textsAtOnce: number = TEXTS_AT_ONCE) {
    const { store, layout } = version;
    this.#version = version;
    const kind = { codec: TEXT_FILE, compare: byText, runKey: layout.textRun };
    this.#sorter = new RunSorter(store, kind, textsAtOnce);
  }

  /** Takes a shard's file. */
  add(key: string): Promise<void> {
    return this.#sorter.add(() => readTextFile(this.#version.store, key));
  }

  /**
   * Yields all entries in the order of the hashes, and those of one text in the order of their row
   * keys. Errors: FILE_DAMAGED.
   */
  sorted(): AsyncGenerator<TextEntry> {
    return this.#sorter.sorted();
  }
}
