import { maxOf } from '../../core/extremes.js';
import { rowKey } from '../../core/ids.js';
import type { ChunkPartFile } from '../../core/part.js';
import type { PartFiles } from '../../core/version-parts.js';
import { asTheyCame, type ColumnKeeper } from './column-memory.js';
import type { ColumnReader } from './column-reader.js';
import { binaryColumn, bytesColumn, uint32Column } from './columns.js';
import { fileDamaged } from './file-damaged.js';
import type { Footer } from './footer.js';
import { joinLists, type Listed } from './joined-lists.js';
import { hexAt, SHA256_BYTES, sha256BytesOf, uint32Of } from './list-values.js';
import { decodeLiveRanges, encodeLiveRanges } from './live-ranges-column.js';
import { readRowGroups, writeParquetFile } from './parquet-file.js';

const FORMAT = 'part-list/1';

/** A part as its list says it: which rows of which shard, and what its chunk file is. */
export interface ListedPart
  extends Pick<ChunkPartFile, 'sha256' | 'bytes' | 'start' | 'end' | 'tokens'>,
    Pick<PartFiles, 'live'> {
  /** The place, in the manifest's `origins`, of the version below which the chunk file lies. */
  origin: number;
  shard: number;
}

/** The parts of a version, or of one piece of its part list, by their place. */
export interface PartList extends Listed<ListedPart> {
  /** The greatest of the origins, where there are parts. */
  lastOrigin: number;
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
 * Reads a piece of a part list. `file` names it in errors. A part takes 50 to 60 bytes of memory,
 * and 2 or 4 for each range, which `keeper` keeps, so that a version of a million parts can be
 * opened. Errors: FILE_DAMAGED.
 */
export function readPartListFile(bytes: Uint8Array, file: string, keeper = asTheyCame): PartList {
  const groups = readRowGroups(bytes, file, FORMAT);
  return joinPartLists(Array.from(groups, (columns) => partsIn(columns, file, keeper)));
}

/** Makes one list of several. */
export function joinPartLists(lists: readonly PartList[]): PartList {
  const { length, at, listOf } = joinLists<ListedPart, PartList>(lists);
  return {
    length,
    at,
    lastOrigin: maxOf(lists.map(({ lastOrigin }) => lastOrigin)),
    liveAt: (place) => {
      const { list, at: own } = listOf(place);
      return list.liveAt(own);
    },
    liveRowsAt: (place) => {
      const { list, at: own } = listOf(place);
      return list.liveRowsAt(own);
    },
    firstKeyAt: (place) => {
      const { list, at: own } = listOf(place);
      return list.firstKeyAt(own);
    },
  };
}

function partsIn(columns: ColumnReader, file: string, keeper: ColumnKeeper): PartList {
  const shards = keeper.keep(columns.uint32('shard'));
  const origins = keeper.keepNarrow(columns.uint32('origin'));
  const hashes = keeper.keep(columns.bytes('chunks_sha256', SHA256_BYTES));
  const bytesOfChunks = keeper.keep(columns.uint32('chunks_bytes'));
  const tokens = keeper.keep(columns.uint32('tokens'));
  const files = { starts: columns.uint32('start'), ends: columns.uint32('end'), file };
  for (let place = 0; place < columns.rows; place += 1)
    if (files.ends[place]! <= files.starts[place]!)
      throw fileDamaged(file, `the part in row ${place} has no rows`);
  const rows = decodeLiveRanges(columns.binary('live'), files, keeper);
  return {
    length: shards.length,
    lastOrigin: maxOf(origins),
    at: (place) => ({
      shard: shards[place]!,
      start: rows.startAt(place),
      end: rows.endAt(place),
      live: rows.rangesAt(place),
      origin: origins[place]!,
      sha256: hexAt(hashes, place, SHA256_BYTES),
      bytes: bytesOfChunks[place]!,
      tokens: tokens[place]!,
    }),
    liveAt: rows.rangesAt,
    liveRowsAt: rows.rowsAt,
    firstKeyAt: (place) => rowKey(shards[place]!, rows.startAt(place)),
  };
}
