import { maxOf } from '../../core/extremes.js';
import { rowKey } from '../../core/ids.js';
import type { ChunkPartFile } from '../../core/part.js';
import type { RowSource } from '../../core/row-source.js';
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
import { checkRowSources, decodeRowSources, encodeRowSources } from './row-sources-column.js';

const FORMAT = 'part-list/1';
/** It has the columns `sources` and `moves`, and is written only for a list with a joined part. */
const JOINED_FORMAT = 'part-list/2';

/**
 * A part as its list says it: which rows of which shard, and what its chunk file is. A joined part
 * has the shard and the row of its first key.
 */
export interface ListedPart
  extends Pick<ChunkPartFile, 'sha256' | 'bytes' | 'start' | 'end' | 'tokens'>,
    Pick<PartFiles, 'live' | 'sources'> {
  /** The place, in the manifest's `origins`, of the version below which the chunk file lies. */
  origin: number;
  shard: number;
  /** The number of times that rows of a joined part were moved, at most. */
  moves?: number;
}

/** The parts of a version, or of one piece of its part list, by their place. */
export interface PartList extends Listed<ListedPart> {
  /** The greatest of the origins, where there are parts. */
  lastOrigin: number;
  /**
   * Returns the ranges of live rows of a part of one shard, without making the part. Undefined for
   * a joined part.
   */
  liveAt(place: number): PartFiles['live'] | undefined;
  /** Returns the number of live rows of a part. */
  liveRowsAt(place: number): number;
  /** Returns the key of the first row of a part's files. */
  firstKeyAt(place: number): bigint;
}

/**
 * Writes a row for each part, in the order of their row keys. Without joined parts, the file is as
 * releases write it that know none.
 */
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
  const isJoined = parts.some(({ sources }) => sources);
  if (isJoined) {
    columns.push(binaryColumn('sources', encodeRowSources(parts.map(({ sources }) => sources))));
    const moves = uint32Of(parts, (part) => part.moves ?? 0);
    columns.push(uint32Column('moves', moves));
  }
  const format = isJoined ? JOINED_FORMAT : FORMAT;
  return writeParquetFile(columns, { format, footer, keyColumns: ['shard', 'start'] });
}

/**
 * Reads a piece of a part list. `file` names it in errors. A part takes 50 to 60 bytes of memory,
 * and 2 or 4 for each range, which `keeper` keeps, so that a version of a million parts can be
 * opened. Errors: FILE_DAMAGED.
 */
export function readPartListFile(bytes: Uint8Array, file: string, keeper = asTheyCame): PartList {
  const groups = readRowGroups(bytes, file, FORMAT, JOINED_FORMAT);
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
  const joined = joinedParts(columns, { shards, ...files }, keeper);
  return {
    length: shards.length,
    lastOrigin: maxOf(origins),
    at: (place) => ({
      shard: shards[place]!,
      start: rows.startAt(place),
      end: rows.endAt(place),
      live: rows.rangesAt(place),
      ...joined?.at(place),
      origin: origins[place]!,
      sha256: hexAt(hashes, place, SHA256_BYTES),
      bytes: bytesOfChunks[place]!,
      tokens: tokens[place]!,
    }),
    liveAt: (place) => (joined?.has(place) ? undefined : rows.rangesAt(place)),
    liveRowsAt: rows.rowsAt,
    firstKeyAt: (place) => rowKey(shards[place]!, rows.startAt(place)),
  };
}

/** The facts that a list states about joined parts only. */
interface JoinedParts {
  has(place: number): boolean;
  at(place: number): Pick<ListedPart, 'sources' | 'moves'> | undefined;
}

/**
 * Reads the sources of the joined parts. They are kept as they are encoded, because each is several
 * objects. Undefined where there are none.
 */
function joinedParts(
  columns: ColumnReader,
  {
    shards,
    starts,
    ends,
    file,
  }: { shards: Uint32Array; starts: Uint32Array; ends: Uint32Array; file: string },
  keeper: ColumnKeeper,
): JoinedParts | undefined {
  if (!columns.has('sources')) return undefined;
  const read = columns.binary('sources');
  const moves = keeper.keepNarrow(columns.uint32('moves'));
  for (let place = 0; place < columns.rows; place += 1) {
    const part = { shard: shards[place]!, start: starts[place]!, end: ends[place]! };
    checkRowSources(decodeRowSources(read, place, file), { part, place, file });
  }
  const strings = { offsets: keeper.keep(Uint32Array.from(read.offsets)), bytes: keeper.keep(read.bytes) };
  let last: { place: number; sources: readonly RowSource[] | undefined } | undefined;
  return {
    has: (place) => strings.offsets[place] !== strings.offsets[place + 1],
    at: (place) => {
      // A search asks for many rows of one part.
      if (last?.place !== place) last = { place, sources: decodeRowSources(strings, place, file) };
      const { sources } = last;
      return sources && { sources, moves: moves[place]! };
    },
  };
}
