import { rowKey } from '../../core/ids.js';
import type { ChunkPartFile } from '../../core/part.js';
import { type PartFiles, type RowRange, rowsIn } from '../../core/version-parts.js';
import { bytesColumn, uint32Column } from './columns.js';
import { fileDamaged } from './file-damaged.js';
import type { Footer } from './footer.js';
import { uint32ListColumn } from './list-columns.js';
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
  const live = parts.map((part) => (wholeLive(part) ? [] : part.live));
  const offsets = new Int32Array(parts.length + 1);
  for (const [place, ranges] of live.entries()) offsets[place + 1] = offsets[place]! + 2 * ranges.length;
  const values = Uint32Array.from(live.flatMap((ranges) => ranges.flatMap(({ start, end }) => [start, end])));
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
    uint32ListColumn('live', { offsets, values }),
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

/** Reads a piece of a part list. `file` names it in errors. Errors: FILE_DAMAGED. */
export function readPartListFile(bytes: Uint8Array, file: string): PartList {
  const { columns } = readParquetFile(bytes, file, FORMAT);
  const shards = columns.uint32('shard');
  const starts = columns.uint32('start');
  const ends = columns.uint32('end');
  const { offsets, values } = columns.uint32Lists('live');
  const origins = columns.uint32('origin');
  const hashes = columns.bytes('chunks_sha256', SHA256_BYTES);
  const bytesOfChunks = columns.uint32('chunks_bytes');
  const tokens = columns.uint32('tokens');
  const rangesAt = (place: number): RowRange[] => {
    const ranges: RowRange[] = [];
    for (let at = offsets[place]!; at < offsets[place + 1]!; at += 2)
      ranges.push({ start: values[at]!, end: values[at + 1]! });
    return ranges.length > 0 ? ranges : [{ start: starts[place]!, end: ends[place]! }];
  };
  for (let place = 0; place < shards.length; place += 1)
    if (!areRangesOf(offsets, values, { place, start: starts[place]!, end: ends[place]! }))
      throw fileDamaged(file, `row ${place} lists live rows that its part does not have`);
  return {
    length: shards.length,
    at: (place) => ({
      shard: shards[place]!,
      start: starts[place]!,
      end: ends[place]!,
      live: rangesAt(place),
      origin: origins[place]!,
      sha256: hexAt(hashes, place, SHA256_BYTES),
      bytes: bytesOfChunks[place]!,
      tokens: tokens[place]!,
    }),
    liveRowsAt: (place) => {
      let rows = 0;
      for (let at = offsets[place]!; at < offsets[place + 1]!; at += 2) rows += values[at + 1]! - values[at]!;
      return rows > 0 ? rows : ends[place]! - starts[place]!;
    },
    firstKeyAt: (place) => rowKey(shards[place]!, starts[place]!),
  };
}

/** Returns whether the ranges of a part ascend, have rows, and lie within it. */
function areRangesOf(
  offsets: Int32Array,
  values: Uint32Array,
  { place, start, end }: { place: number; start: number; end: number },
): boolean {
  if ((offsets[place + 1]! - offsets[place]!) % 2 !== 0) return false;
  let last = start;
  for (let at = offsets[place]!; at < offsets[place + 1]!; at += 2) {
    if (values[at]! < last || values[at + 1]! <= values[at]!) return false;
    last = values[at + 1]!;
  }
  return last <= end;
}

function wholeLive({ live, start, end }: ListedPart): boolean {
  return rowsIn(live) === end - start;
}
