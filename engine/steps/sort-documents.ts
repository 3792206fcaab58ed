import { bucketRanges } from '../../core/buckets.js';
import { byDocument, type DocumentEntry } from '../../core/document-entry.js';
import { createOnce } from '../version/create-once.js';
import type { OpenVersion } from '../version/open-version.js';
import { encodeDocuments, openDocumentFile, readDocumentFile } from './document-file.js';

/** The number of documents that are sorted in memory, at about 250 bytes each. */
const DOCUMENTS_AT_ONCE = 262_144;

/** The number of shards' files that are read at once. */
const CONCURRENT_READS = 16;

/**
 * Sorts the documents of all shards of a version by the hashes of their ids. Where there are too
 * many for the memory, sorted runs are written as working files and merged, so that each shard's
 * file is read once. Runs follow from the shards' files alone, so that every attempt makes the same
 * ones.
 */
export class DocumentSorter {
  readonly #version: OpenVersion;
  readonly #atOnce: number;
  readonly #runs: string[] = [];
  #files: { key: string; firstSlice: number }[] = [];
  #documents: DocumentEntry[] = [];
  #count = 0;

  constructor(version: OpenVersion, documentsAtOnce: number = DOCUMENTS_AT_ONCE) {
    this.#version = version;
    this.#atOnce = documentsAtOnce;
  }

  /** Takes a shard's file, whose slices are numbered from `firstSlice` in the version. */
  async add(key: string, firstSlice: number): Promise<void> {
    this.#files.push({ key, firstSlice });
    if (this.#files.length === CONCURRENT_READS) await this.#readFiles();
  }

  /** Yields all documents in their order. Errors: FILE_DAMAGED. */
  async *sorted(): AsyncGenerator<DocumentEntry> {
    await this.#readFiles();
    if (this.#runs.length === 0) {
      yield* this.#documents.sort(byDocument);
      return;
    }
    if (this.#documents.length > 0) await this.#writeRun();
    const { store } = this.#version;
    const files = await Promise.all(this.#runs.map((key) => openDocumentFile(store, key)));
    for (const range of bucketRanges(this.#count, this.#atOnce)) {
      const read = await Promise.all(files.map((file) => file.read(range)));
      yield* read.flat().sort(byDocument);
    }
  }

  async #readFiles(): Promise<void> {
    const { store } = this.#version;
    const files = this.#files;
    this.#files = [];
    const read = await Promise.all(files.map(({ key }) => readDocumentFile(store, key)));
    for (const [place, documents] of read.entries()) {
      const { firstSlice } = files[place]!;
      for (const document of documents)
        this.#documents.push({ ...document, slice: firstSlice + document.slice });
      this.#count += documents.length;
      if (this.#documents.length >= this.#atOnce) await this.#writeRun();
    }
  }

  async #writeRun(): Promise<void> {
    const { store, layout } = this.#version;
    const key = layout.documentRun(this.#runs.length);
    await createOnce(store, key, encodeDocuments(this.#documents));
    this.#runs.push(key);
    this.#documents = [];
  }
}
