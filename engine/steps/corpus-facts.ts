import { longestOf, NO_VALUES, type ShardCorpus } from '../../core/commit.js';
import type { DocumentEntry } from '../../core/document-entry.js';
import type { CorpusLists, ListPiece } from '../../core/manifest.js';
import type { TextEntry } from '../../core/text-entry.js';
import { writeDocumentListFile } from '../parquet/document-list-file.js';
import type { OpenVersion } from '../version/open-version.js';
import { ListWriter } from './list-writer.js';
import { DocumentSorter } from './sort-documents.js';
import { TextSorter } from './sort-texts.js';
import { TextLists } from './text-lists.js';

/** Collects what the shards of a version know of their corpus, and lists it. */
export class CorpusFacts {
  readonly #version: OpenVersion;
  readonly #documents: DocumentSorter;
  readonly #texts: TextSorter;
  readonly #unicode: Set<string>;
  #longest;
  #areTextsKnown: boolean;

  /** `carried` are the lists of the version whose rows are carried over, if any are. */
  constructor(version: OpenVersion, carried?: CorpusLists) {
    this.#version = version;
    this.#documents = new DocumentSorter(version);
    this.#texts = new TextSorter(version);
    this.#unicode = new Set(carried?.unicode);
    this.#longest = carried?.longest ?? NO_VALUES;
    this.#areTextsKnown = carried === undefined || carried.texts !== undefined;
  }

  /**
   * Takes the facts of a shard. `placeOf` returns the place in the version of each of its slices,
   * which are numbered within the shard.
   */
  async add(
    { documents, texts, longest, unicode }: ShardCorpus,
    placeOf: (slice: number) => number,
  ): Promise<void> {
    this.#longest = longestOf(this.#longest, longest);
    this.#unicode.add(unicode);
    await this.#documents.add(documents.key, placeOf);
    if (texts) await this.#texts.add(texts.key);
    else this.#areTextsKnown = false;
  }

  /** Yields the documents of the shards by the hashes of their ids. Errors: FILE_DAMAGED. */
  documents(): AsyncGenerator<DocumentEntry> {
    return this.#documents.sorted();
  }

  /** Yields the texts of the rows of the shards, in the order of `byText`. Errors: FILE_DAMAGED. */
  texts(): AsyncGenerator<TextEntry> {
    return this.#texts.sorted();
  }

  /**
   * Lists the corpus of the version. `texts` is only read if the texts of all rows are known, which
   * they are not where an earlier release chunked some.
   */
  async list(
    slices: readonly ListPiece[],
    { documents, texts }: { documents: AsyncIterable<DocumentEntry>; texts: AsyncIterable<TextEntry> },
  ): Promise<CorpusLists> {
    return {
      longest: this.#longest,
      unicode: [...this.#unicode].sort(),
      slices,
      documents: await writeList(
        new ListWriter(this.#version, 'documents', writeDocumentListFile),
        documents,
      ),
      ...(this.#areTextsKnown && (await writeList(new TextLists(this.#version), texts))),
    };
  }
}

async function writeList<Entry, Pieces>(
  list: { add(entry: Entry): Promise<void>; finish(): Promise<Pieces> },
  entries: AsyncIterable<Entry>,
): Promise<Pieces> {
  for await (const entry of entries) await list.add(entry);
  return list.finish();
}
