import type { PartFileRef } from './commit.js';
import { rowKey, splitRowKey } from './ids.js';
import { ascendingRanges, commonRows, rowsWithout } from './row-ranges.js';
import { type PartFiles, type RowRange, VersionParts } from './version-parts.js';

/** Rows of a chunk or vector file, which may lie below any version. */
export interface ListedRows {
  shard: number;
  /** The file has rows `[start, end)` of the shard. */
  start: number;
  end: number;
  /** The rows that are meant, in ranges that ascend and do not touch. */
  live: readonly RowRange[];
  /** The SHA-256 of the file, in hex. */
  sha256: string;
}

/** A run of row keys `[first, end)`. */
export interface KeyRange {
  first: bigint;
  end: bigint;
}

/** The rows of a list, as they are in a version. */
export interface RowsInVersion {
  /** The rows that live, as parts of the version. */
  living: VersionParts;
  /** The keys of the other rows, which ascend. */
  dead: KeyRange[];
}

/** Returns the file of a part that a list names. */
export type FileOfPart = (part: PartFiles) => PartFileRef;

const vectorFile: FileOfPart = ({ vectors }) => vectors;

/** Returns the list of the live rows of some parts, which names the file of each. */
export function listOf(parts: Iterable<PartFiles>, fileOf: FileOfPart = vectorFile): ListedRows[] {
  return Array.from(parts, (part) => {
    const { start, end, firstKey } = part.chunks;
    const { shard } = splitRowKey(BigInt(firstKey));
    return { shard, start, end, live: part.live, sha256: fileOf(part).sha256 };
  });
}

/**
 * Finds the rows of a list in a version. A row lives if the version lists it as live, in the same
 * file: another file with the same name is another row.
 */
export function rowsInVersion(
  list: Iterable<ListedRows>,
  parts: VersionParts,
  fileOf: FileOfPart = vectorFile,
): RowsInVersion {
  const living: PartFiles[] = [];
  const dead: KeyRange[] = [];
  for (const listed of list) {
    const { shard, live } = listed;
    const part = listedPart(listed, parts, fileOf);
    const common = part ? commonRows(live, part.live) : [];
    if (common.length > 0) living.push({ chunks: part!.chunks, vectors: part!.vectors, live: common });
    for (const range of rowsWithout(live, common))
      dead.push({ first: rowKey(shard, range.start), end: rowKey(shard, range.end - 1) + 1n });
  }
  return { living: VersionParts.of(living), dead };
}

/** Returns the part of a version whose file is the one of a list. */
export function listedPart(
  { shard, start, end, sha256 }: ListedRows,
  parts: VersionParts,
  fileOf: FileOfPart,
): PartFiles | undefined {
  const part = parts.partOfKey(rowKey(shard, start));
  const isSame = part?.chunks.start === start && part.chunks.end === end && fileOf(part).sha256 === sha256;
  return isSame ? part : undefined;
}

/** Returns the live rows of a version that are in none of `others`, which have none in common. */
export function rowsBeside(parts: VersionParts, others: readonly VersionParts[]): VersionParts {
  const taken = new Map<string, RowRange[]>();
  for (const some of others)
    for (const { vectors, live } of some) {
      const ranges = taken.get(vectors.key);
      if (ranges) ranges.push(...live);
      else taken.set(vectors.key, [...live]);
    }
  const left = function* (): Generator<PartFiles> {
    for (const { chunks, vectors, live } of parts) {
      const ranges = rowsWithout(live, ascendingRanges(taken.get(vectors.key) ?? []));
      if (ranges.length > 0) yield { chunks, vectors, live: ranges };
    }
  };
  return VersionParts.of(left());
}
