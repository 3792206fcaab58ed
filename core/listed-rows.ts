import { rowKey } from './ids.js';
import type { RowRange } from './row-ranges.js';
import { ascendingRanges, commonRows, rowsWithout, shiftedRows } from './row-ranges.js';
import { hashOf, type KeyRange, type PartFileKind, sourcesOf } from './row-source.js';
import { type PartFiles, VersionParts } from './version-parts.js';

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

/** The rows of a list, as they are in a version. */
export interface RowsInVersion {
  /** The rows that live, as parts of the version. */
  living: VersionParts;
  /** The keys of the other rows, which ascend. */
  dead: KeyRange[];
}

/**
 * Returns the list of the live rows of some parts. It names the files of one kind in which the rows
 * were written, also where they were moved to a joined part since.
 */
export function listOf(parts: Iterable<PartFiles>, kind: PartFileKind = 'vectors'): ListedRows[] {
  const list: ListedRows[] = [];
  for (const part of parts)
    for (const source of sourcesOf(part)) {
      const { shard, start, end } = source;
      const live = shiftedRows(part.live, source.toShard);
      if (live.length > 0) list.push({ shard, start, end, live, sha256: hashOf(source, kind) });
    }
  return list;
}

/**
 * Finds the rows of a list in a version. A row lives if the version lists it as live, and it was
 * written in the same file: another file with the same name is another row.
 */
export function rowsInVersion(
  list: Iterable<ListedRows>,
  parts: VersionParts,
  kind: PartFileKind = 'vectors',
): RowsInVersion {
  const living: PartFiles[] = [];
  const dead: KeyRange[] = [];
  for (const listed of list) {
    const found: RowRange[] = [];
    for (const { part, live, ofShard } of livingParts(listed, parts, kind)) {
      found.push(...ofShard);
      const last = living.at(-1);
      // A joined part has rows of several files, which a list names one after the other.
      if (last?.vectors.key === part.vectors.key)
        living[living.length - 1] = { ...last, live: ascendingRanges([...last.live, ...live]) };
      else living.push({ ...filesOf(part), live });
    }
    for (const range of rowsWithout(listed.live, found))
      dead.push({ first: rowKey(listed.shard, range.start), end: rowKey(listed.shard, range.end - 1) + 1n });
  }
  return { living: VersionParts.of(living), dead };
}

/** The rows of a list that live in one part of a version. */
export interface LivingRows {
  part: PartFiles;
  /** Their numbers in the files of the part. */
  live: RowRange[];
  /** Their numbers in their shard. */
  ofShard: RowRange[];
}

/** Yields the parts of a version that have live rows of one file of a list. */
export function* livingParts(
  { shard, start, end, live, sha256 }: ListedRows,
  parts: VersionParts,
  kind: PartFileKind,
): Generator<LivingRows> {
  for (const part of parts.partsBetween(rowKey(shard, start), rowKey(shard, end - 1)))
    for (const source of sourcesOf(part)) {
      const isSame = source.shard === shard && source.start === start && source.end === end;
      if (!isSame || hashOf(source, kind) !== sha256) continue;
      const found = commonRows(shiftedRows(live, source.toFile), part.live);
      if (found.length > 0) yield { part, live: found, ofShard: shiftedRows(found, source.toShard) };
    }
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
    for (const part of parts) {
      const live = rowsWithout(part.live, ascendingRanges(taken.get(part.vectors.key) ?? []));
      if (live.length > 0) yield { ...filesOf(part), live };
    }
  };
  return VersionParts.of(left());
}

function filesOf({ chunks, vectors, sources }: PartFiles): Omit<PartFiles, 'live'> {
  return { chunks, vectors, ...(sources && { sources }) };
}
