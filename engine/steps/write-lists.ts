import type { PartFileRef, ShardCommit } from '../../core/commit.js';
import type { ManifestLists } from '../../core/manifest.js';
import type { VectorPartFile } from '../../core/part.js';
import { writeFileListFile } from '../parquet/file-list-file.js';
import { type ListedPart, writePartListFile } from '../parquet/part-list-file.js';
import { type ListedVectors, writeVectorListFile } from '../parquet/vector-list-file.js';
import type { OpenVersion } from '../version/open-version.js';
import type { CorpusLister } from './corpus-lister.js';
import { ListWriter } from './list-writer.js';

/** The place of the own version in the origins of its manifest. */
const OWN = 0;

/**
 * Writes the lists of a version: those of its files, in the order of row keys, and by `corpus`
 * those of its slices and documents. Memory holds one piece of each list, and as many documents as
 * the sorter takes at once.
 */
export class VersionLists {
  /** Bytes of all files that are listed. */
  bytes = 0;
  readonly #parts: ListWriter<ListedPart>;
  readonly #dense: ListWriter<ListedVectors>;
  readonly #rejects: ListWriter<PartFileRef>;
  readonly #version: OpenVersion;
  readonly #corpus: CorpusLister;
  #isKnown = true;

  constructor(version: OpenVersion, corpus: CorpusLister) {
    this.#parts = new ListWriter(version, 'parts', writePartListFile);
    this.#dense = new ListWriter(version, 'dense', writeVectorListFile);
    this.#rejects = new ListWriter(version, 'rejects', writeFileListFile);
    this.#version = version;
    this.#corpus = corpus;
  }

  /** Lists the files of a shard and what is known of its corpus. */
  async add(commit: ShardCommit): Promise<void> {
    for (const { part, vectors } of ownParts(commit)) await this.addPart(part, vectors);
    await this.addBesideParts(commit);
  }

  /** Lists the rejects of a shard and what is known of its corpus. */
  async addBesideParts({ shard, rejectFile, corpus }: ShardCommit): Promise<void> {
    if (rejectFile) await this.addRejects(rejectFile);
    if (corpus) await this.#corpus.add(shard, corpus);
    else this.#isKnown = false;
  }

  /** Lists the files of a part. Their origins are places among those of the manifest. */
  async addPart(part: ListedPart, vectors: ListedVectors): Promise<void> {
    await this.#parts.add(part);
    await this.#dense.add(vectors);
    this.bytes += part.bytes + vectors.bytes;
  }

  async addRejects(file: PartFileRef): Promise<void> {
    await this.#rejects.add(file);
    this.bytes += file.bytes;
  }

  /** Writes what has not filled a piece, and returns the lists. */
  async finish(): Promise<ManifestLists> {
    // Shards that an earlier release chunked have noted nothing of their documents.
    const corpus = this.#isKnown && (await this.#corpus.finish());
    return {
      ...(corpus && { corpus }),
      parts: await this.#parts.finish(),
      outputs: { dense: { fingerprint: this.#version.job.fingerprint, pieces: await this.#dense.finish() } },
      rejects: await this.#rejects.finish(),
    };
  }
}

/** Returns the parts of a shard as a list names them. All of their rows are live. */
export function ownParts({ shard, chunkParts, vectorParts }: ShardCommit) {
  return chunkParts.map(({ sha256, bytes, start, end, tokens }, place) => {
    const part: ListedPart = {
      origin: OWN,
      shard,
      sha256,
      bytes,
      start,
      end,
      tokens,
      live: [{ start, end }],
    };
    return { part, vectors: ownVectors(vectorParts[place]!) };
  });
}

function ownVectors({ sha256, bytes, minNorm, maxNorm, billedTokens }: VectorPartFile): ListedVectors {
  return {
    origin: OWN,
    sha256,
    bytes,
    minNorm,
    maxNorm,
    ...(billedTokens === undefined ? {} : { billedTokens }),
  };
}
