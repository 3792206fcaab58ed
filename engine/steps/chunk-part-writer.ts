import type { ChunkRow } from '../../core/chunk.js';
import { parsePartName, rowKey } from '../../core/ids.js';
import { type ChunkPartFile, contiguousParts, partBoundary } from '../../core/part.js';
import type { UnplacedRow } from '../chunking/chunk-rows.js';
import { sha256 } from '../files/hash.js';
import { readChunkFile, writeChunkFile } from '../parquet/chunk-file.js';
import type { ObjectStore } from '../store/object-store.js';
import type { OpenVersion } from '../version/open-version.js';
import { adoptPart, computePart, type PartPlace } from './ensure-part.js';
import { partConflict } from './part-conflict.js';
import { rowSize } from './row-size.js';
import type { ShardDocuments } from './shard-documents.js';
import type { StepTools } from './step-context.js';

/** The row that follows a part: a record of the shard and a chunk of it. */
interface ResumePoint {
  ordinal: number;
  chunkIndex: number;
}

/**
 * Places a shard's rows into parts of fixed boundaries and makes each durable. Each part's footer
 * says where the next one begins, so that the parts themselves are the checkpoint.
 */
export class ChunkPartWriter {
  readonly parts: ChunkPartFile[] = [];
  nextRow = 0;
  tokens = 0;
  truncated = 0;
  /** Rows before this point are already in storage. */
  resumeAt: ResumePoint = { ordinal: 0, chunkIndex: 0 };

  readonly #tools: StepTools;
  readonly #version: OpenVersion;
  readonly #shard: number;
  readonly #documents: ShardDocuments;
  readonly #full: ReturnType<typeof partBoundary>;
  #rows: ChunkRow[] = [];
  #next: ResumePoint = { ordinal: 0, chunkIndex: 0 };

  private constructor(tools: StepTools, version: OpenVersion, shard: number, documents: ShardDocuments) {
    this.#tools = tools;
    this.#version = version;
    this.#shard = shard;
    this.#documents = documents;
    this.#full = partBoundary(version.job.spec.parts);
  }

  /**
   * Adopts the parts that earlier attempts finished. The rows of all parts are also given to
   * `documents`. Errors: PART_CONFLICT, FILE_DAMAGED.
   */
  static async resume(
    tools: StepTools,
    version: OpenVersion,
    shard: number,
    documents: ShardDocuments,
  ): Promise<ChunkPartWriter> {
    const writer = new ChunkPartWriter(tools, version, shard, documents);
    for (const found of await listParts(version.store, version.layout.chunkFolder(shard)))
      await adoptPart(tools, version, writer.#place(found), {
        describe: (existing) => writer.#adopt(found, existing),
      });
    return writer;
  }

  /** Takes rows in order. Those before `resumeAt` are dropped. */
  async append(rows: readonly UnplacedRow[]): Promise<void> {
    for (const { row, ordinal, last } of rows) {
      if (ordinal < this.resumeAt.ordinal) continue;
      if (ordinal === this.resumeAt.ordinal && row.chunkIndex < this.resumeAt.chunkIndex) continue;
      this.#rows.push({ ...row, rowKey: rowKey(this.#shard, this.nextRow + this.#rows.length) });
      const full = this.#full(rowSize(row));
      const next = last
        ? { ordinal: ordinal + 1, chunkIndex: 0 }
        : { ordinal, chunkIndex: row.chunkIndex + 1 };
      if (full) await this.#write(next);
      else this.#next = next;
    }
  }

  /** Writes the rows that have not filled a part. */
  async finish(): Promise<void> {
    if (this.#rows.length > 0) await this.#write(this.#next);
  }

  async #write(next: ResumePoint): Promise<void> {
    const { layout } = this.#version;
    const start = this.nextRow;
    const end = start + this.#rows.length;
    const place = this.#place({ key: layout.chunkPart(this.#shard, start, end), start, end });
    // The sessions are idle during this part's turn, so everything but the writing happens before
    // it.
    const bytes = this.#encode(next);
    this.#rows = [];
    await computePart(this.#tools, this.#version, place, {
      compute: async (turn) => {
        await turn;
        return bytes;
      },
      describe: (existing) => this.#adopt(place, existing),
    });
  }

  /** Returns the bytes of the part that the collected rows make. */
  #encode(next: ResumePoint): Uint8Array {
    const { job } = this.#version;
    const rows = this.#rows;
    return writeChunkFile(rows, {
      fingerprint: job.fingerprint,
      dataset: job.spec.dataset,
      version: job.spec.version,
      shard: String(this.#shard),
      tokens: String(rows.reduce((sum, row) => sum + row.nTokens, 0)),
      truncated: String(rows.filter((row) => row.truncated).length),
      next_ordinal: String(next.ordinal),
      next_chunk: String(next.chunkIndex),
    });
  }

  #adopt({ key, start, end }: FoundPart, bytes: Uint8Array): void {
    const file = `${this.#version.store.root}/${key}`;
    const { rows, footer } = readChunkFile(bytes, file);
    if (footer.fingerprint !== this.#version.job.fingerprint || footer.shard !== String(this.#shard)) {
      throw partConflict(file, 'belongs to another job or shard');
    }
    const [firstKey, lastKey] = [rowKey(this.#shard, start), rowKey(this.#shard, end - 1)];
    if (rows.length !== end - start || rows[0]?.rowKey !== firstKey || rows.at(-1)?.rowKey !== lastKey) {
      throw partConflict(file, 'does not hold the rows that its name says');
    }
    this.#documents.addRows(rows);
    const tokens = Number(footer.tokens);
    this.parts.push({
      key,
      sha256: sha256(bytes),
      bytes: bytes.length,
      start,
      end,
      firstKey: String(firstKey),
      lastKey: String(lastKey),
      tokens,
    });
    this.nextRow = end;
    this.tokens += tokens;
    this.truncated += Number(footer.truncated);
    this.resumeAt = { ordinal: Number(footer.next_ordinal), chunkIndex: Number(footer.next_chunk) };
  }

  #place(found: FoundPart): PartPlace {
    return { stage: 'chunk', shard: this.#shard, ...found };
  }
}

/** A part that was found in storage. */
interface FoundPart {
  key: string;
  start: number;
  end: number;
}

/** Lists the parts in a shard's folder that follow one another from row 0. */
async function listParts(store: ObjectStore, folder: string): Promise<FoundPart[]> {
  const found: FoundPart[] = [];
  for await (const { key } of store.list(`${folder}/`)) {
    const range = parsePartName(key.slice(folder.length + 1));
    if (range) found.push({ key, ...range });
  }
  return contiguousParts(found);
}
