import type { ChunkRow } from '../../../core/chunk.js';
import { joinedSources } from '../../../core/compaction/joined-sources.js';
import { splitRowKey } from '../../../core/ids.js';
import { type PartFile, partBoundary } from '../../../core/part.js';
import type { RowRange } from '../../../core/row-ranges.js';
import type { PartFiles } from '../../../core/version-parts.js';
import { sha256 } from '../../files/hash.js';
import { readChunkFile, writeChunkFile } from '../../parquet/chunk-file.js';
import { fileDamaged } from '../../parquet/file-damaged.js';
import type { Footer } from '../../parquet/footer.js';
import type { ListedPart } from '../../parquet/part-list-file.js';
import {
  joinRows,
  type PositionRange,
  readUndecodedRows,
  readVectorFile,
  type UndecodedRows,
  writeUndecodedRows,
} from '../../parquet/vector-file.js';
import type { ListedVectors } from '../../parquet/vector-list-file.js';
import type { OpenVersion } from '../../version/open-version.js';
import { readListedFile } from '../../version/read-listed-file.js';
import { vectorStatistics } from '../../version/vector-statistics.js';
import { writeOrAdopt } from '../../version/write-or-adopt.js';
import { partConflict } from '../part-conflict.js';
import { rowSize } from '../row-size.js';

/** The place of the own version in the origins of its manifest. */
const OWN = 0;

/** A part whose live rows are moved, as it was read. */
interface PartRead {
  files: PartFiles;
  chunks: readonly ChunkRow[];
  vectors: UndecodedRows;
  /** The part of the vector file's footer that says how numbers are stored. */
  stored: Footer;
}

/** A joined part that was written, as the lists name it. */
export interface JoinedPart {
  part: ListedPart;
  vectors: ListedVectors;
}

/** Reads both files of a part. Errors: OBJECT_NOT_FOUND, CHECKSUM_MISMATCH, FILE_DAMAGED. */
export async function readPart({ store }: OpenVersion, files: PartFiles): Promise<PartRead> {
  const [chunkBytes, vectorBytes] = await Promise.all([
    readListedFile(store, files.chunks),
    readListedFile(store, files.vectors),
  ]);
  const { rows: chunks } = readChunkFile(chunkBytes, `${store.root}/${files.chunks.key}`);
  const { footer, ...vectors } = readUndecodedRows(vectorBytes, `${store.root}/${files.vectors.key}`);
  return { files, chunks, vectors, stored: storedFooter(footer) };
}

/**
 * Moves the live rows of neighbouring parts to joined parts, with their keys and their stored
 * numbers. A joined part closes where any part would, and is written once. Memory holds the rows of
 * one joined part, and the parts that these come from.
 */
export class PartJoiner {
  readonly joined: JoinedPart[] = [];
  readonly #version: OpenVersion;
  readonly #moves: number;
  readonly #full: ReturnType<typeof partBoundary>;
  #chunks: ChunkRow[] = [];
  #picks: { read: PartRead; ranges: RowRange[] }[] = [];

  /** `moves` is how often rows will have been moved at most. */
  constructor(version: OpenVersion, moves: number) {
    this.#version = version;
    this.#moves = moves;
    this.#full = partBoundary(version.job.spec.parts);
  }

  /** Takes the live rows of the next part. Errors: FILE_DAMAGED, PART_CONFLICT. */
  async add(read: PartRead): Promise<void> {
    const { files, chunks, stored } = read;
    const [first] = this.#picks;
    const key = files.vectors.key;
    if (first && JSON.stringify(first.read.stored) !== JSON.stringify(stored))
      throw fileDamaged(`${this.#version.store.root}/${key}`, 'it stores its numbers as no other file does');
    for (const range of files.live) {
      let { start } = range;
      for (let row = start; row < range.end; row += 1) {
        const chunk = chunks[row - files.chunks.start]!;
        this.#chunks.push(chunk);
        if (!this.#full(rowSize(chunk))) continue;
        this.#pick(read, { start, end: row + 1 });
        start = row + 1;
        await this.#write();
      }
      if (start < range.end) this.#pick(read, { start, end: range.end });
    }
  }

  /** Writes the rows that have not filled a part. */
  async finish(): Promise<readonly JoinedPart[]> {
    if (this.#chunks.length > 0) await this.#write();
    return this.joined;
  }

  #pick(read: PartRead, range: RowRange): void {
    const last = this.#picks.at(-1);
    if (last?.read === read) last.ranges.push(range);
    else this.#picks.push({ read, ranges: [range] });
  }

  async #write(): Promise<void> {
    const { layout } = this.#version;
    const [rows, picks] = [this.#chunks, this.#picks];
    [this.#chunks, this.#picks] = [[], []];
    const { shard, row: start } = splitRowKey(rows[0]!.rowKey);
    const end = start + rows.length;
    const tokens = rows.reduce((sum, { nTokens }) => sum + nTokens, 0);
    const chunks = await this.#store(layout.joinedChunks(shard, start, end), this.#chunkBytes(rows, tokens), {
      keysOf: (bytes, file) => readChunkFile(bytes, file).rows.map(({ rowKey }) => rowKey),
      rows,
    });
    const vectors = await this.#store(layout.joinedVectors(shard, start, end), this.#vectorBytes(picks), {
      keysOf: (bytes, file) => readVectorFile(bytes, file).rowKeys,
      rows,
    });
    const { sha256: vectorHash, bytes } = vectors;
    const { nanCount: _, ...norms } = normsIn(vectors.content, vectors.key);
    const sources = joinedSources(picks.map(({ read, ranges }) => ({ part: read.files, ranges })));
    const moved = { live: [{ start, end }], sources, moves: this.#moves };
    this.joined.push({
      part: { origin: OWN, shard, start, end, sha256: chunks.sha256, bytes: chunks.bytes, tokens, ...moved },
      vectors: { origin: OWN, sha256: vectorHash, bytes, ...norms },
    });
  }

  /** Stores a file, or adopts what is there under its name if it has the same rows. */
  #store(
    key: string,
    bytes: Uint8Array,
    {
      keysOf,
      rows,
    }: { keysOf: (bytes: Uint8Array, file: string) => Iterable<bigint>; rows: readonly ChunkRow[] },
  ): Promise<Pick<PartFile, 'key' | 'sha256' | 'bytes'> & { content: Uint8Array }> {
    const { store } = this.#version;
    const file = `${store.root}/${key}`;
    return writeOrAdopt(store, key, bytes, {
      describe: (content) => {
        const found = content === bytes ? undefined : [...keysOf(content, file)];
        const isSame = rows.every(({ rowKey }, place) => !found || found[place] === rowKey);
        if (!isSame || (found && found.length !== rows.length))
          throw partConflict(file, 'does not hold the rows that are moved there');
        return { key, sha256: sha256(content), bytes: content.length, content };
      },
    });
  }

  #chunkBytes(rows: readonly ChunkRow[], tokens: number): Uint8Array {
    const truncated = rows.filter((row) => row.truncated).length;
    return writeChunkFile(rows, {
      ...this.#ownFooter(),
      tokens: String(tokens),
      truncated: String(truncated),
    });
  }

  #vectorBytes(picks: readonly { read: PartRead; ranges: readonly RowRange[] }[]): Uint8Array {
    const rows = joinRows(
      picks.map(({ read: { vectors, files }, ranges }) => ({
        rows: vectors,
        ranges: ranges.map((range): PositionRange => positionsOf(files, range)),
      })),
    );
    return writeUndecodedRows(rows, { ...this.#ownFooter(), ...picks[0]!.read.stored });
  }

  #ownFooter(): Footer {
    const { fingerprint, spec } = this.#version.job;
    return { fingerprint, dataset: spec.dataset, version: spec.version };
  }
}

function positionsOf({ chunks }: PartFiles, { start, end }: RowRange): PositionRange {
  return { start: start - chunks.start, end: end - chunks.start };
}

/** Returns what a footer says of how the numbers of its file are stored. */
function storedFooter({ precision, dimensions, ranges }: Footer): Footer {
  return {
    ...(precision !== undefined && { precision }),
    ...(dimensions !== undefined && { dimensions }),
    ...(ranges !== undefined && { ranges }),
  };
}

function normsIn(bytes: Uint8Array, file: string) {
  const { vectors, dimensions } = readVectorFile(bytes, file);
  return vectorStatistics(vectors, dimensions);
}
