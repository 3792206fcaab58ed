import type { PartFileRef } from '../../core/commit.js';
import { rowKeysOf } from '../../core/row-source.js';
import type { PartFiles } from '../../core/version-parts.js';
import type { ReadableVersion } from './resolve-version.js';

/** A file of a version, as somebody reads it who has no store. */
export interface LiveFile {
  uri: string;
  sha256: string;
  bytes: number;
}

/**
 * Row keys of a part that live, and the positions of their rows in the part's files, from 0. Both
 * ends belong to the range.
 */
export interface LiveRange {
  firstKey: bigint;
  lastKey: bigint;
  firstPosition: number;
  lastPosition: number;
}

/** The files of a part and the rows of them that belong to the version. */
export interface LiveFiles {
  /** The number of rows that each of the files has. */
  rows: number;
  liveRows: number;
  live: readonly LiveRange[];
  chunks: LiveFile;
  vectors: LiveFile;
}

type Source = Pick<ReadableVersion, 'store' | 'parts'>;

/** Yields the files of each part of a version, in the order of the row keys. */
export function* liveFilesOf({ store, parts }: Source): Generator<LiveFiles> {
  for (const part of parts) {
    const { chunks, vectors, rows: liveRows } = part;
    yield {
      rows: chunks.end - chunks.start,
      liveRows,
      live: liveRangesOf(part),
      chunks: liveFile(store, chunks),
      vectors: liveFile(store, vectors),
    };
  }
}

/** Returns the description of a listed file of a store. */
export function liveFile(
  { root }: Pick<ReadableVersion['store'], 'root'>,
  { key, sha256, bytes }: PartFileRef,
): LiveFile {
  return { uri: `${root}/${key}`, sha256, bytes };
}

/**
 * Yields the ranges of row keys of all live rows of a version, in ascending order. Ranges that
 * touch are one range, also if they lie in several files.
 */
export function* liveKeysOf(version: Source): Generator<Pick<LiveRange, 'firstKey' | 'lastKey'>> {
  let last: { firstKey: bigint; lastKey: bigint } | undefined;
  for (const { live } of liveFilesOf(version))
    for (const { firstKey, lastKey } of live) {
      if (last && last.lastKey + 1n === firstKey) last.lastKey = lastKey;
      else {
        if (last) yield last;
        last = { firstKey, lastKey };
      }
    }
  if (last) yield last;
}

function liveRangesOf(part: PartFiles): LiveRange[] {
  const { start: firstRow } = part.chunks;
  return part.live.flatMap(({ start, end }) => {
    let firstPosition = start - firstRow;
    return rowKeysOf(part, [{ start, end }]).map((keys) => {
      const lastPosition = firstPosition + Number(keys.end - keys.first) - 1;
      const range = { firstKey: keys.first, lastKey: keys.end - 1n, firstPosition, lastPosition };
      firstPosition = lastPosition + 1;
      return range;
    });
  });
}
