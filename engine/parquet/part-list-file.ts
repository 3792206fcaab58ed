import { rowKey } from '../../core/ids.js';
import type { ChunkPartFile } from '../../core/part.js';
import type { PartFiles } from '../../core/version-parts.js';
import { binaryColumn, bytesColumn, uint32Column } from './columns.js';
import type { Footer } from './footer.js';
import { hexAt, SHA256_BYTES, sha256BytesOf, uint32Of } from './list-values.js';
import { decodeLiveRanges, encodeLiveRanges } from './live-ranges-column.js';
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
  /** Returns the ranges of live rows of a part, without making the part. */
  liveAt(place: number): PartFiles['live'];
  /** Returns the number of live rows of a part. */
  liveRowsAt(place: number): number;
  /** Returns the key of the first row of a part's files. */
  firstKeyAt(place: number): bigint;
}

/** Writes a row for each part, in the order of their row keys. */
export function writePartListFile(parts: readonly ListedPart[], footer: Footer): Uint8Array {
  const numbers = (pick: (part: ListedPart) => number) => uint32Of(parts, pick);
  const live = encodeLiveRanges(parts);
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
  const live = decodeLiveRanges(columns.binary('live'), { starts, ends, file });
  return {
    length: shards.length,
    at: (place) => ({
      shard: shards[place]!,
      start: starts[place]!,
      end: ends[place]!,
      live: live.rangesAt(place),
      origin: origins[place]!,
      sha256: hexAt(hashes, place, SHA256_BYTES),
      bytes: bytesOfChunks[place]!,
      tokens: tokens[place]!,
    }),
    liveAt: live.rangesAt,
    liveRowsAt: live.rowsAt,
    firstKeyAt: (place) => rowKey(shards[place]!, starts[place]!),
  };
}
