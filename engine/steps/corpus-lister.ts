import { longestOf, NO_VALUES, type ShardCorpus } from '../../core/commit.js';
import type { DocumentEntry } from '../../core/document-entry.js';
import type { CorpusLists, ListPiece } from '../../core/manifest.js';
import { shardOf } from '../../core/plan.js';
import type { SliceEntry } from '../../core/slice-entry.js';
import type { TextEntry } from '../../core/text-entry.js';
import { writeDocumentListFile } from '../parquet/document-list-file.js';
import { writeSliceListFile } from '../parquet/slice-list-file.js';
import { writeTextListFile } from '../parquet/text-list-file.js';
import type { OpenVersion } from '../version/open-version.js';
import { ListWriter } from './list-writer.js';
import { DocumentSorter } from './sort-documents.js';
import { TextSorter } from './sort-texts.js';

/** Lists the slices and the documents of a version, of which shards are taken in their order. */
export interface CorpusLister {
  add(shard: number, corpus: ShardCorpus): Promise<void>;
  /** Writes what has not filled a piece, and returns the lists. */
  finish(): Promise<CorpusLists>;
}

/** Lists the corpus of a version whose own shards hold all of it, in the order of the shards. */
export class OwnCorpusLister implements CorpusLister {
  readonly #version: OpenVersion;
  readonly #slices: ListWriter<SliceEntry>;
  readonly #documents: ListWriter<DocumentEntry>;
  readonly #texts: ListWriter<TextEntry>;
  readonly #sorter: DocumentSorter;
  readonly #textSorter: TextSorter;
  readonly #unicode = new Set<string>();
  #longest = NO_VALUES;
  #sliceCount = 0;
  #areTextsKnown = true;

  constructor(version: OpenVersion) {
    this.#version = version;
    this.#slices = new ListWriter(version, 'slices', writeSliceListFile);
    this.#documents = new ListWriter(version, 'documents', writeDocumentListFile);
    this.#texts = new ListWriter(version, 'texts', writeTextListFile);
    this.#sorter = new DocumentSorter(version);
    this.#textSorter = new TextSorter(version);
  }

  async add(shard: number, { documents, texts, slices, longest, unicode }: ShardCorpus): Promise<void> {
    this.#longest = longestOf(this.#longest, longest);
    this.#unicode.add(unicode);
    const firstSlice = this.#sliceCount;
    await this.#sorter.add(documents.key, (slice) => firstSlice + slice);
    if (texts) await this.#textSorter.add(texts.key);
    else this.#areTextsKnown = false;
    const planned = shardOf(await this.#version.plan(), shard).slices;
    for (const [place, slice] of planned.entries())
      await this.#slices.add({ ...slice, ...slices[place]!, shard });
    this.#sliceCount += planned.length;
  }

  async finish(): Promise<CorpusLists> {
    for await (const document of this.#sorter.sorted()) await this.#documents.add(document);
    return {
      longest: this.#longest,
      unicode: [...this.#unicode].sort(),
      slices: await this.#slices.finish(),
      documents: await this.#documents.finish(),
      ...(this.#areTextsKnown && { texts: await this.#finishTexts() }),
    };
  }

  async #finishTexts(): Promise<readonly ListPiece[]> {
    for await (const text of this.#textSorter.sorted()) await this.#texts.add(text);
    return this.#texts.finish();
  }
}
