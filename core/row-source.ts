import { rowKey, splitRowKey } from './ids.js';
import { lastWhere } from './last-where.js';
import type { ChunkPartFile, VectorPartFile } from './part.js';
import type { RowRange } from './row-ranges.js';
import { type Stretch, shiftedRows } from './row-ranges.js';

/** The two files of a part, of which a list of rows names one. */
export type PartFileKind = 'chunks' | 'vectors';

/**
 * Rows of a joined part that came from one part of a shard. Whoever has noted the files of that
 * part finds its rows by them, however often they are moved.
 */
export interface RowSource {
  shard: number;
  /** The part that the rows came from had rows `[start, end)` of the shard. */
  start: number;
  end: number;
  /** The SHA-256 of the files of that part, in hex. */
  chunksSha256: string;
  vectorsSha256: string;
  /** Its rows that lie in the joined part, in ranges that ascend and do not touch. */
  kept: readonly RowRange[];
}

/** Some rows of a shard, and the rows of a part's files that they are. */
export interface PlacedSource extends Omit<RowSource, 'kept'> {
  /** Moves ranges from rows of the shard to rows of the files. */
  toFile: readonly Stretch[];
  /** Moves ranges from rows of the files to rows of the shard. */
  toShard: readonly Stretch[];
}

/** The files of a part, which hold the same rows, and where these were written. */
export interface RowsOfPart {
  chunks: ChunkPartFile;
  vectors: VectorPartFile;
  /** The parts that a joined part was made of, in the order of their row keys. */
  sources?: readonly RowSource[] | undefined;
}

/** A run of row keys `[first, end)`. */
export interface KeyRange {
  first: bigint;
  end: bigint;
}

/** The sources that were placed before, because a search asks for many rows of one part. */
const PLACED = new WeakMap<readonly RowSource[], readonly PlacedSource[]>();

/** Returns the parts of shards that a part's rows came from. Most parts have one, themselves. */
export function sourcesOf({ chunks, vectors, sources }: RowsOfPart): readonly PlacedSource[] {
  const { start, end } = chunks;
  if (sources) return placedSources(start, sources);
  const own = [{ start, end, by: 0 }];
  const { shard } = splitRowKey(BigInt(chunks.firstKey));
  const hashes = { chunksSha256: chunks.sha256, vectorsSha256: vectors.sha256 };
  return [{ shard, start, end, ...hashes, toFile: own, toShard: own }];
}

/** Returns where the rows of a part's sources lie in its files, whose first row is `start`. */
export function placedSources(start: number, sources: readonly RowSource[]): readonly PlacedSource[] {
  const known = PLACED.get(sources);
  if (known) return known;
  let next = start;
  const placed = sources.map(({ kept, ...source }) => {
    const toFile: Stretch[] = [];
    const toShard: Stretch[] = [];
    for (const range of kept) {
      const end = next + range.end - range.start;
      toFile.push({ ...range, by: next - range.start });
      toShard.push({ start: next, end, by: range.start - next });
      next = end;
    }
    return { ...source, toFile, toShard };
  });
  PLACED.set(sources, placed);
  return placed;
}

/** Returns the SHA-256 of the file in which the rows of a source were written. */
export function hashOf({ chunksSha256, vectorsSha256 }: PlacedSource, kind: PartFileKind): string {
  return kind === 'chunks' ? chunksSha256 : vectorsSha256;
}

/**
 * Returns which row of a part's files has a key. Of a part of one shard that is its row of the
 * shard. Undefined for a key that the files do not have.
 */
export function fileRowOf(part: RowsOfPart, key: bigint): number | undefined {
  const { shard, row } = splitRowKey(key);
  const sources = sourcesOf(part);
  const place = lastWhere(sources.length, (at) => {
    const source = sources[at]!;
    return source.shard < shard || (source.shard === shard && source.start <= row);
  });
  const source = sources[place];
  return source?.shard === shard
    ? shiftedRows([{ start: row, end: row + 1 }], source.toFile)[0]?.start
    : undefined;
}

/** Returns the keys of rows `ranges` of a part's files, in ranges that ascend and do not touch. */
export function rowKeysOf(part: RowsOfPart, ranges: readonly RowRange[]): KeyRange[] {
  const keys: KeyRange[] = [];
  for (const { shard, toShard } of sourcesOf(part))
    for (const { start, end } of shiftedRows(ranges, toShard)) {
      const range = { first: rowKey(shard, start), end: rowKey(shard, end - 1) + 1n };
      const last = keys.at(-1);
      if (last && last.end === range.first) last.end = range.end;
      else keys.push(range);
    }
  return keys;
}
