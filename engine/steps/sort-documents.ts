import { byDocument, type DocumentEntry } from '../../core/document-entry.js';
import type { OpenVersion } from '../version/open-version.js';
import { DOCUMENT_FILE, readDocumentFile } from './document-file.js';
import { type RunKind, RunSorter } from './run-sorter.js';

/** The number of documents that are sorted in memory, at about 250 bytes each. */
const DOCUMENTS_AT_ONCE = 262_144;

/** Sorts the documents of all shards of a version by the hashes of their ids. */
export class DocumentSorter {
  readonly #version: OpenVersion;
  readonly #sorter: RunSorter<DocumentEntry>;

  constructor(version: OpenVersion, documentsAtOnce: number = DOCUMENTS_AT_ONCE) {
    const { store, layout } = version;
    this.#version = version;
    const kind: RunKind<DocumentEntry> = {
      codec: DOCUMENT_FILE,
      compare: byDocument,
      runKey: layout.documentRun,
    };
    this.#sorter = new RunSorter(store, kind, documentsAtOnce);
  }

  /**
   * Takes a shard's file. `placeOf` returns the place in the version of each of its slices, which
   * are numbered within the shard.
   */
  add(key: string, placeOf: (slice: number) => number): Promise<void> {
    return this.#sorter.add(async () => {
      const documents = await readDocumentFile(this.#version.store, key);
      return documents.map((document) => ({ ...document, slice: placeOf(document.slice) }));
    });
  }

  /** Yields all documents in their order. Errors: FILE_DAMAGED. */
  sorted(): AsyncGenerator<DocumentEntry> {
    return this.#sorter.sorted();
  }
}
