import {
  longestOf,
  NO_VALUES,
  type PartFileRef,
  type ShardCommit,
  type ShardCorpus,
} from '../../core/commit.js';
import type { DocumentEntry } from '../../core/document-entry.js';
import type { ListName } from '../../core/layout.js';
import type { ListPiece, ManifestLists } from '../../core/manifest.js';
import type { SliceEntry } from '../../core/slice-entry.js';
import type { TextEntry } from '../../core/text-entry.js';
import { sha256 } from '../files/hash.js';
import { writeDocumentListFile } from '../parquet/document-list-file.js';
import { writeFileListFile } from '../parquet/file-list-file.js';
import type { Footer } from '../parquet/footer.js';
import { type ListedPart, writePartListFile } from '../parquet/part-list-file.js';
import { writeSliceListFile } from '../parquet/slice-list-file.js';
import { writeTextListFile } from '../parquet/text-list-file.js';
import { type ListedVectors, writeVectorListFile } from '../parquet/vector-list-file.js';
import type { OpenVersion } from '../version/open-version.js';
import { writeOrAdopt } from '../version/write-or-adopt.js';
import { DocumentSorter } from './sort-documents.js';
import { TextSorter } from './sort-texts.js';

/**
 * The number of entries in a piece of a list. Larger pieces leave more memory unused when they are
 * read (`npm run bench:lists`).
 */
const PIECE_ROWS = 32_768;

/** The place of the own version in the origins of its manifest. */
const OWN = 0;

/**
 * Writes the lists of a version from the commits of its shards, which are taken in shard order.
 * Memory holds one piece of each list, and as many documents and texts as the sorters take at once.
 */
export class VersionLists {
  readonly #parts: ListWriter<ListedPart>;
  readonly #dense: ListWriter<ListedVectors>;
  readonly #rejects: ListWriter<PartFileRef>;
  readonly #slices: ListWriter<SliceEntry>;
  readonly #documents: ListWriter<DocumentEntry>;
  readonly #texts: ListWriter<TextEntry>;
  readonly #version: OpenVersion;
  readonly #sorter: DocumentSorter;
  readonly #textSorter: TextSorter;
  readonly #unicode = new Set<string>();
  #longest = NO_VALUES;
  #sliceCount = 0;
  #isKnown = true;
  #areTextsKnown = true;

  constructor(version: OpenVersion) {
    this.#parts = new ListWriter(version, 'parts', writePartListFile);
    this.#dense = new ListWriter(version, 'dense', writeVectorListFile);
    this.#rejects = new ListWriter(version, 'rejects', writeFileListFile);
    this.#slices = new ListWriter(version, 'slices', writeSliceListFile);
    this.#documents = new ListWriter(version, 'documents', writeDocumentListFile);
    this.#texts = new ListWriter(version, 'texts', writeTextListFile);
    this.#sorter = new DocumentSorter(version);
    this.#textSorter = new TextSorter(version);
    this.#version = version;
  }

  /** Lists the files of a shard and what is known of its corpus. All rows of its parts are live. */
  async add({ shard, chunkParts, vectorParts, rejectFile, corpus }: ShardCommit): Promise<void> {
    for (const { sha256, bytes, start, end, tokens } of chunkParts)
      await this.#parts.add({
        origin: OWN,
        shard,
        sha256,
        bytes,
        start,
        end,
        tokens,
        live: [{ start, end }],
      });
    for (const { sha256, bytes, minNorm, maxNorm, billedTokens } of vectorParts)
      await this.#dense.add({
        origin: OWN,
        sha256,
        bytes,
        minNorm,
        maxNorm,
        ...(billedTokens === undefined ? {} : { billedTokens }),
      });
    if (rejectFile) await this.#rejects.add(rejectFile);
    if (corpus) await this.#addCorpus(shard, corpus);
    else this.#isKnown = false;
  }

  async #addCorpus(
    shard: number,
    { documents, texts, slices, longest, unicode }: ShardCorpus,
  ): Promise<void> {
    this.#longest = longestOf(this.#longest, longest);
    this.#unicode.add(unicode);
    await this.#sorter.add(documents.key, this.#sliceCount);
    if (texts) await this.#textSorter.add(texts.key);
    else this.#areTextsKnown = false;
    const planned = (await this.#version.plan())[shard]!.slices;
    for (const [place, slice] of planned.entries()) {
      await this.#slices.add({ ...slice, ...slices[place]!, shard });
    }
    this.#sliceCount += planned.length;
  }

  /** Writes what has not filled a piece, and returns the lists. */
  async finish(): Promise<ManifestLists> {
    // Shards that an earlier release chunked have noted nothing of their documents.
    const corpus = this.#isKnown && {
      longest: this.#longest,
      unicode: [...this.#unicode].sort(),
      slices: await this.#slices.finish(),
      documents: await this.#finishDocuments(),
      ...(this.#areTextsKnown && { texts: await this.#finishTexts() }),
    };
    return {
      ...(corpus && { corpus }),
      parts: await this.#parts.finish(),
      outputs: { dense: { fingerprint: this.#version.job.fingerprint, pieces: await this.#dense.finish() } },
      rejects: await this.#rejects.finish(),
    };
  }

  async #finishDocuments(): Promise<readonly ListPiece[]> {
    for await (const document of this.#sorter.sorted()) await this.#documents.add(document);
    return this.#documents.finish();
  }

  async #finishTexts(): Promise<readonly ListPiece[]> {
    for await (const text of this.#textSorter.sorted()) await this.#texts.add(text);
    return this.#texts.finish();
  }
}

/** Writes the pieces of one list. */
class ListWriter<Entry> {
  readonly #version: OpenVersion;
  readonly #name: ListName;
  readonly #encode: (entries: readonly Entry[], footer: Footer) => Uint8Array;
  readonly #pieces: ListPiece[] = [];
  #entries: Entry[] = [];

  constructor(
    version: OpenVersion,
    name: ListName,
    encode: (entries: readonly Entry[], footer: Footer) => Uint8Array,
  ) {
    this.#version = version;
    this.#name = name;
    this.#encode = encode;
  }

  async add(entry: Entry): Promise<void> {
    this.#entries.push(entry);
    if (this.#entries.length === PIECE_ROWS) await this.#write();
  }

  async finish(): Promise<readonly ListPiece[]> {
    if (this.#entries.length > 0) await this.#write();
    return this.#pieces;
  }

  async #write(): Promise<void> {
    const { store, layout, job } = this.#version;
    const { dataset, version } = job.spec;
    const key = layout.list(this.#name, this.#pieces.length);
    const rows = this.#entries.length;
    const bytes = this.#encode(this.#entries, { dataset, version });
    this.#entries = [];
    // Whoever writes the lists of a version writes the same, because they follow from its commits.
    const piece = await writeOrAdopt(store, key, bytes, {
      describe: (existing) => ({ key, sha256: sha256(existing), bytes: existing.length, rows }),
    });
    this.#pieces.push(piece);
  }
}
