import type { KeptRecord, ResolvedDocuments } from '../../../core/carry/resolved-documents.js';
import { longestOf, NO_VALUES, type ShardCorpus } from '../../../core/commit.js';
import { byDocument, type DocumentEntry } from '../../../core/document-entry.js';
import type { CorpusLists, ListPiece } from '../../../core/manifest.js';
import { shardOf } from '../../../core/plan.js';
import type { SliceEntry } from '../../../core/slice-entry.js';
import { byText, TEXT_HASH_BYTES, type TextEntry } from '../../../core/text-entry.js';
import { writeDocumentListFile } from '../../parquet/document-list-file.js';
import { hexAt } from '../../parquet/list-values.js';
import { writeSliceListFile } from '../../parquet/slice-list-file.js';
import { readTextListFile, writeTextListFile } from '../../parquet/text-list-file.js';
import type { OpenVersion } from '../../version/open-version.js';
import { readPieces } from '../../version/read-pieces.js';
import type { CorpusLister } from '../corpus-lister.js';
import { readDocumentFile } from '../document-file.js';
import { ListWriter } from '../list-writer.js';
import { DocumentSorter } from '../sort-documents.js';
import { TextSorter } from '../sort-texts.js';
import type { CarriedCorpus } from './carried-corpus.js';
import { isInRuns, readRunsByShard } from './dead-rows.js';
import { joinSorted } from './join-sorted.js';
import type { SliceOrder } from './slice-order.js';

/** The facts from which the lists of a corpus follow that is partly carried over. */
export interface CarryingCorpus {
  /** Undefined where nothing is carried over after all. */
  parent: CarriedCorpus | undefined;
  order: SliceOrder;
  resolved: ResolvedDocuments;
}

/** Lists the corpus of a version that carries rows over, in the order of the corpus. */
export class CarryingCorpusLister implements CorpusLister {
  /** The counts of the documents that were listed. */
  readonly totals = { documents: 0, chunks: 0, tokens: 0, truncated: 0 };
  readonly #version: OpenVersion;
  readonly #corpus: CarryingCorpus;
  readonly #sorter: DocumentSorter;
  readonly #textSorter: TextSorter;
  #areTextsKnown: boolean;
  /** The slices that were read, by their places in the version. */
  readonly #read = new Map<number, SliceEntry>();
  readonly #unicode: Set<string>;
  #longest;

  constructor(version: OpenVersion, corpus: CarryingCorpus) {
    this.#version = version;
    this.#corpus = corpus;
    this.#sorter = new DocumentSorter(version);
    this.#textSorter = new TextSorter(version);
    this.#areTextsKnown = corpus.parent === undefined || corpus.parent.lists.texts !== undefined;
    this.#longest = corpus.parent?.lists.longest ?? NO_VALUES;
    this.#unicode = new Set(corpus.parent?.lists.unicode);
  }

  async add(shard: number, { documents, texts, slices, longest, unicode }: ShardCorpus): Promise<void> {
    this.#longest = longestOf(this.#longest, longest);
    this.#unicode.add(unicode);
    const planned = shardOf(await this.#version.plan(), shard).slices;
    const places = planned.map((slice) => this.#corpus.order.placeOf(slice));
    await this.#sorter.add(documents.key, (slice) => places[slice]!);
    if (texts) await this.#textSorter.add(texts.key);
    else this.#areTextsKnown = false;
    for (const [index, slice] of planned.entries())
      this.#read.set(places[index]!, { ...slice, ...slices[index]!, shard });
  }

  async finish(): Promise<CorpusLists> {
    const slices = new ListWriter<SliceEntry>(this.#version, 'slices', writeSliceListFile);
    for (const entry of this.#slices()) await slices.add(entry);
    const documents = new ListWriter<DocumentEntry>(this.#version, 'documents', writeDocumentListFile);
    const all = joinSorted(this.#carried(), this.#sorter.sorted(), ({ idHash }) => idHash);
    for await (const { left, right } of all)
      for (const entry of [...left, ...right].sort(byDocument)) {
        this.#count(entry);
        await documents.add(entry);
      }
    return {
      longest: this.#longest,
      unicode: [...this.#unicode].sort(),
      slices: await slices.finish(),
      documents: await documents.finish(),
      ...(this.#areTextsKnown && { texts: await this.#listTexts() }),
    };
  }

  /** Lists the texts of the rows that live, as far as a row that stood for a text has not died. */
  async #listTexts(): Promise<readonly ListPiece[]> {
    const texts = new ListWriter<TextEntry>(this.#version, 'texts', writeTextListFile);
    const all = joinSorted(this.#carriedTexts(), this.#textSorter.sorted(), ({ textHash }) => textHash);
    for await (const { left, right } of all) await texts.add([...left, ...right].sort(byText)[0]!);
    return texts.finish();
  }

  async *#carriedTexts(): AsyncGenerator<TextEntry> {
    const { store, layout } = this.#version;
    const { parent } = this.#corpus;
    if (!parent) return;
    const dead = await readRunsByShard(store, layout.deadRows);
    const lists = readPieces(store, parent.lists.texts ?? [], readTextListFile);
    for await (const { length, hashes, rowKeys } of lists)
      for (let row = 0; row < length; row += 1) {
        const rowKey = rowKeys[row]!;
        if (!isInRuns(dead, rowKey)) yield { textHash: hexAt(hashes, row, TEXT_HASH_BYTES), rowKey };
      }
  }

  #count({ firstKey, chunks, tokens, truncated }: DocumentEntry): void {
    if (firstKey !== undefined) this.totals.documents += 1;
    this.totals.chunks += chunks;
    this.totals.tokens += tokens;
    this.totals.truncated += truncated;
  }

  /** Yields the slices, of which kept ones may have other documents now than in the parent. */
  *#slices(): Generator<SliceEntry> {
    const { parent, order, resolved } = this.#corpus;
    const promoted = countBySlice(resolved.promoted);
    const demoted = countBySlice(resolved.demoted);
    for (const [place, { parent: theirs }] of order.slices.entries()) {
      if (theirs === undefined) yield this.#read.get(place)!;
      else {
        const entry = parent!.slices[theirs]!;
        const more = (promoted.get(theirs) ?? 0) - (demoted.get(theirs) ?? 0);
        yield { ...entry, documents: entry.documents + more, rejects: entry.rejects - more };
      }
    }
  }

  async *#carried(): AsyncGenerator<DocumentEntry> {
    const { store, layout } = this.#version;
    for (let piece = 0; piece < this.#corpus.resolved.pieces; piece += 1)
      yield* await readDocumentFile(store, layout.carriedDocuments(piece));
  }
}

function countBySlice(records: readonly KeptRecord[]): Map<number, number> {
  const counts = new Map<number, number>();
  for (const { slice } of records) counts.set(slice, (counts.get(slice) ?? 0) + 1);
  return counts;
}
