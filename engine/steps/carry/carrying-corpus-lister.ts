import type { KeyRun } from '../../../core/carry/live-ranges.js';
import type { KeptRecord, ResolvedDocuments } from '../../../core/carry/resolved-documents.js';
import type { ShardCorpus } from '../../../core/commit.js';
import { byDocument, type DocumentEntry } from '../../../core/document-entry.js';
import type { CorpusLists, ListPiece } from '../../../core/manifest.js';
import { shardOf } from '../../../core/plan.js';
import type { SliceEntry } from '../../../core/slice-entry.js';
import { byText, TEXT_HASH_BYTES, type TextEntry } from '../../../core/text-entry.js';
import { hexAt } from '../../parquet/list-values.js';
import { writeSliceListFile } from '../../parquet/slice-list-file.js';
import { readTextListFile } from '../../parquet/text-list-file.js';
import type { ObjectStore } from '../../store/object-store.js';
import type { OpenVersion } from '../../version/open-version.js';
import { readPieces } from '../../version/read-pieces.js';
import { CorpusFacts } from '../corpus-facts.js';
import type { CorpusLister } from '../corpus-lister.js';
import { readDocumentFile } from '../document-file.js';
import { ListWriter } from '../list-writer.js';
import { mergeSorted } from '../merge-sorted.js';
import type { CarriedCorpus } from './carried-corpus.js';
import { isInRuns, readRunsByShard } from './dead-rows.js';
import { joinSorted } from './join-sorted.js';
import type { SliceOrder } from './slice-order.js';

/** The number of entries in a block of a sorted series that is merged with others. */
const BLOCK_ENTRIES = 4096;

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
  readonly #facts: CorpusFacts;
  /** The slices that were read, by their places in the version. */
  readonly #read = new Map<number, SliceEntry>();

  constructor(version: OpenVersion, corpus: CarryingCorpus) {
    this.#version = version;
    this.#corpus = corpus;
    this.#facts = new CorpusFacts(version, corpus.parent?.lists);
  }

  async add(shard: number, corpus: ShardCorpus): Promise<void> {
    const planned = shardOf(await this.#version.plan(), shard).slices;
    const places = planned.map((slice) => this.#corpus.order.placeOf(slice));
    await this.#facts.add(corpus, (slice) => places[slice]!);
    for (const [index, slice] of planned.entries())
      this.#read.set(places[index]!, { ...slice, ...corpus.slices[index]!, shard });
  }

  async finish(): Promise<CorpusLists> {
    const slices = new ListWriter<SliceEntry>(this.#version, 'slices', writeSliceListFile);
    for (const entry of this.#slices()) await slices.add(entry);
    return this.#facts.list(await slices.finish(), { documents: this.#documents(), texts: this.#texts() });
  }

  async *#documents(): AsyncGenerator<DocumentEntry> {
    const all = joinSorted(this.#carried(), this.#facts.documents(), ({ idHash }) => idHash);
    for await (const { left, right } of all)
      for (const entry of [...left, ...right].sort(byDocument)) {
        this.#count(entry);
        yield entry;
      }
  }

  /** Yields the texts of the rows that live, as far as the parent lists these rows. */
  async *#texts(): AsyncGenerator<TextEntry> {
    const own = inBlocks(this.#facts.texts());
    const carried = await this.#carriedTexts();
    for await (const entries of mergeSorted([...carried, own], byText)) yield* entries;
  }

  async #carriedTexts(): Promise<AsyncGenerator<TextEntry[]>[]> {
    const { store, layout } = this.#version;
    const { parent } = this.#corpus;
    if (!parent) return [];
    const dead = await readRunsByShard(store, layout.deadRows);
    const { texts = [], repeats = [] } = parent.lists;
    return [texts, repeats].map((pieces) => liveTexts(store, pieces, dead));
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

/** Yields the entries of a list of texts whose rows have not died, a block for each piece. */
async function* liveTexts(
  store: ObjectStore,
  pieces: readonly ListPiece[],
  dead: ReadonlyMap<number, readonly KeyRun[]>,
): AsyncGenerator<TextEntry[]> {
  for await (const { hashes, rowKeys } of readPieces(store, pieces, readTextListFile)) {
    const live: TextEntry[] = [];
    for (const [row, rowKey] of rowKeys.entries())
      if (!isInRuns(dead, rowKey)) live.push({ textHash: hexAt(hashes, row, TEXT_HASH_BYTES), rowKey });
    if (live.length > 0) yield live;
  }
}

/** Yields the same entries in blocks, of which none is empty. */
async function* inBlocks<Entry>(entries: AsyncIterable<Entry>): AsyncGenerator<Entry[]> {
  let block: Entry[] = [];
  for await (const entry of entries) {
    block.push(entry);
    if (block.length < BLOCK_ENTRIES) continue;
    yield block;
    block = [];
  }
  if (block.length > 0) yield block;
}

function countBySlice(records: readonly KeptRecord[]): Map<number, number> {
  const counts = new Map<number, number>();
  for (const { slice } of records) counts.set(slice, (counts.get(slice) ?? 0) + 1);
  return counts;
}
