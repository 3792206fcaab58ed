import type { PartFileRef } from '../../core/commit.js';
import { rowKey, splitRowKey } from '../../core/ids.js';
import type { IndexLayout } from '../../core/index/index-layout.js';
import { ascendingRanges, commonRows, rowsWithout } from '../../core/row-ranges.js';
import { type PartFiles, type RowRange, VersionParts } from '../../core/version-parts.js';
import { sha256 } from '../files/hash.js';
import { type ListedRows, readRowListFile, writeRowListFile } from '../parquet/row-list-file.js';
import type { ObjectStore } from '../store/object-store.js';
import { createOnce } from '../version/create-once.js';
import { readListedFile } from '../version/read-listed-file.js';

/** Writes the list of the live rows of some parts, under the hash of its bytes. */
export async function writeRowList(
  store: ObjectStore,
  layout: IndexLayout,
  parts: Iterable<PartFiles>,
): Promise<PartFileRef> {
  const listed = Array.from(parts, ({ vectors: { start, end, firstKey, sha256: hash }, live }) => ({
    shard: splitRowKey(BigInt(firstKey)).shard,
    start,
    end,
    live,
    sha256: hash,
  }));
  const bytes = writeRowListFile(listed, {});
  const hash = sha256(bytes);
  const key = layout.rowList(hash);
  await createOnce(store, key, bytes);
  return { key, sha256: hash, bytes: bytes.length };
}

/** Reads a list of rows. Errors: OBJECT_NOT_FOUND, CHECKSUM_MISMATCH, FILE_DAMAGED. */
export async function readRowList(store: ObjectStore, list: PartFileRef): Promise<Iterable<ListedRows>> {
  return readRowListFile(await readListedFile(store, list), `${store.root}/${list.key}`);
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

/**
 * Finds the rows of a list in a version. A row lives if the version lists it as live, in the same
 * vector file: another file with the same name is another row.
 */
export function rowsInVersion(list: Iterable<ListedRows>, parts: VersionParts): RowsInVersion {
  const living: PartFiles[] = [];
  const dead: KeyRange[] = [];
  for (const { shard, start, end, live, sha256: hash } of list) {
    const part = parts.partOfKey(rowKey(shard, start));
    const { vectors } = part ?? {};
    const isSame = vectors?.start === start && vectors.end === end && vectors.sha256 === hash;
    const common = part && isSame ? commonRows(live, part.live) : [];
    if (common.length > 0) living.push({ chunks: part!.chunks, vectors: part!.vectors, live: common });
    for (const range of rowsWithout(live, common))
      dead.push({ first: rowKey(shard, range.start), end: rowKey(shard, range.end - 1) + 1n });
  }
  return { living: VersionParts.of(living), dead };
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
