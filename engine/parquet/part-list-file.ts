import { rowKey } from '../../core/ids.js';
import type { ChunkPartFile } from '../../core/part.js';
import { type PartFiles, type RowRange, rowsIn } from '../../core/version-parts.js';
import { type ByteStrings, binaryColumn, bytesColumn, uint32Column } from './columns.js';
import { fileDamaged } from './file-damaged.js';
import type { Footer } from './footer.js';
import { hexAt, SHA256_BYTES, sha256BytesOf, uint32Of } from './list-values.js';
import { readParquetFile, writeParquetFile } from './parquet-file.js';

const FORMAT = 'part-list/1';

/** A part as its list says it: which rows of which shard, and what its chunk file is. */
export interface ListedPart
  extends Pick<ChunkPartFile, 'sha256' | 'bytes' | 'start' | 'end' | 'tokens'>,
    Pick<PartFiles, 'live'> {
  /** The place, in the manifest's `origins`, of the version below which the chunk file lies. */
  origin: number;
  shard: number;
}

/** The parts of one piece of a version's part list, by their place in it. */
export interface PartList {
  length: number;
  at(place: number): ListedPart;
  /** Returns the number of live rows of a part, without making the part. */
  liveRowsAt(place: number): number;
  /** Returns the key of the first row of a part's files. */
  firstKeyAt(place: number): bigint;
}

/** Writes a row for each part, in the order of their row keys. */
export function writePartListFile(parts: readonly ListedPart[], footer: Footer): Uint8Array {
  const numbers = (pick: (part: ListedPart) => number) => uint32Of(parts, pick);
  const live = encodeLive(parts);
  const columns = [
    uint32Column(
      'shard',
      numbers(({ shard }) => shard),
    ),
    uint32Column(
      'start',
      numbers(({ start }) => start),
    ),
    uint32Column(
      'end',
      numbers(({ end }) => end),
    ),
    binaryColumn('live', live),
    uint32Column(
      'origin',
      numbers(({ origin }) => origin),
    ),
    bytesColumn('chunks_sha256', sha256BytesOf(parts), SHA256_BYTES),
    uint32Column(
      'chunks_bytes',
      numbers(({ bytes }) => bytes),
    ),
    uint32Column(
      'tokens',
      numbers(({ tokens }) => tokens),
    ),
  ];
  return writeParquetFile(columns, { format: FORMAT, footer, keyColumns: ['shard', 'start'] });
}

/**
 * Reads a piece of a part list. `file` names it in errors. A part takes about 60 bytes of memory
 * and 4 for each range, so that a version of a million parts can be opened. Errors: FILE_DAMAGED.
 */
export function readPartListFile(bytes: Uint8Array, file: string): PartList {
  const { columns } = readParquetFile(bytes, file, FORMAT);
  // The columns are views of one buffer, of which nothing is kept.
  const shards = columns.uint32('shard').slice();
  const starts = columns.uint32('start').slice();
  const ends = columns.uint32('end').slice();
  const origins = columns.uint32('origin').slice();
  const hashes = columns.bytes('chunks_sha256', SHA256_BYTES).slice();
  const bytesOfChunks = columns.uint32('chunks_bytes').slice();
  const tokens = columns.uint32('tokens').slice();
  const { firsts, borders } = decodeLive(columns.binary('live'), { starts, ends, file });
  return {
    length: shards.length,
    at: (place) => {
      const start = starts[place]!;
      const ranges: RowRange[] = [];
      for (let at = firsts[place]!; at < firsts[place + 1]!; at += 2)
        ranges.push({ start: start + borders[at]!, end: start + borders[at + 1]! });
      return {
        shard: shards[place]!,
        start,
        end: ends[place]!,
        live: ranges.length > 0 ? ranges : [{ start, end: ends[place]! }],
        origin: origins[place]!,
        sha256: hexAt(hashes, place, SHA256_BYTES),
        bytes: bytesOfChunks[place]!,
        tokens: tokens[place]!,
      };
    },
    liveRowsAt: (place) => {
      let rows = 0;
      for (let at = firsts[place]!; at < firsts[place + 1]!; at += 2) rows += borders[at + 1]! - borders[at]!;
      return rows > 0 ? rows : ends[place]! - starts[place]!;
    },
    firstKeyAt: (place) => rowKey(shards[place]!, starts[place]!),
  };
}

/** Writes the ranges of each part as pairs of uint32, and none for a part that is whole. */
function encodeLive(parts: readonly ListedPart[]): ByteStrings {
  const live = parts.map((part) => (wholeLive(part) ? [] : part.live));
  const offsets = new Int32Array(parts.length + 1);
  for (const [place, ranges] of live.entries()) offsets[place + 1] = offsets[place]! + 8 * ranges.length;
  const bytes = Buffer.alloc(offsets[parts.length]!);
  for (const [place, { start, end }] of live.flat().entries()) {
    bytes.writeUInt32LE(start, 8 * place);
    bytes.writeUInt32LE(end, 8 * place + 4);
  }
  return { offsets, bytes };
}

/**
 * Returns the borders of the ranges as rows within their parts: those of a part are
 * `[firsts[place], firsts[place + 1])`. They have 16 bits if every part is small enough, because
 * they are most of what a list keeps in memory.
 */
function decodeLive(
  { offsets, bytes }: ByteStrings,
  { starts, ends, file }: { starts: Uint32Array; ends: Uint32Array; file: string },
): { firsts: Uint32Array; borders: Uint16Array | Uint32Array } {
  const firsts = new Uint32Array(starts.length + 1);
  const count = (offsets.at(-1) ?? 0) >> 2;
  let largest = 0;
  for (let place = 0; place < starts.length; place += 1)
    largest = Math.max(largest, ends[place]! - starts[place]!);
  const borders = largest > 0xffff ? new Uint32Array(count) : new Uint16Array(count);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let place = 0; place < starts.length; place += 1) {
    const [from, to] = [offsets[place]!, offsets[place + 1]!];
    let [last, isEnd] = [starts[place]!, false];
    for (let at = from; at < to; at += 4) {
      const row = view.getUint32(at, true);
      // A range has rows, and the next one begins where it ends or later.
      if (row < last || (isEnd && row === last) || row > ends[place]!) throw foreignRows(file, place);
      borders[at >> 2] = row - starts[place]!;
      [last, isEnd] = [row, !isEnd];
    }
    if ((to - from) % 8 !== 0) throw foreignRows(file, place);
    firsts[place + 1] = to >> 2;
  }
  return { firsts, borders };
}

function foreignRows(file: string, place: number) {
  return fileDamaged(file, `row ${place} lists live rows that its part does not have`);
}

function wholeLive({ live, start, end }: ListedPart): boolean {
  return rowsIn(live) === end - start;
}
