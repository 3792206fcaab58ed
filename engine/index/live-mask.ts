import { counted } from '../../core/counted.js';
import type { IndexGraph } from '../../core/index/index-manifest.js';
import { lastWhere } from '../../core/last-where.js';
import { rowsInVersion } from '../../core/listed-rows.js';
import type { KeyRange } from '../../core/row-source.js';
import type { VersionParts } from '../../core/version-parts.js';
import type { ReadableVersion } from '../version/resolve-version.js';
import { indexError } from './index-errors.js';
import { readRowList } from './listed-rows.js';

/** The rows of a graph that live in the version that is searched. */
export interface LiveMask {
  /** The rows that live. */
  living: VersionParts;
  isDead(key: bigint): boolean;
}

/**
 * Returns which rows of a graph live in a version, or undefined where all do. Errors:
 * INDEX_MISMATCH where others live than when the index was built; OBJECT_NOT_FOUND,
 * CHECKSUM_MISMATCH, FILE_DAMAGED.
 */
export async function liveMask(
  { store, parts }: ReadableVersion,
  { key, rows, liveRows, rowList }: IndexGraph,
): Promise<LiveMask | undefined> {
  if (liveRows === rows || rowList === null) return undefined;
  const { living, dead } = rowsInVersion(await readRowList(store, rowList), parts);
  if (living.rows === liveRows) return { living, isDead: inRanges(dead) };
  throw indexError(
    'INDEX_MISMATCH',
    `${counted(living.rows, 'row')} of the graph ${store.root}/${key} live, and the index says ${liveRows}`,
    'Build the index anew under another name.',
    `${store.root}/${key}`,
  );
}

/** Returns whether a key is in one of some ranges, which ascend. */
function inRanges(ranges: readonly KeyRange[]): (key: bigint) => boolean {
  const firsts = BigUint64Array.from(ranges, ({ first }) => first);
  const ends = BigUint64Array.from(ranges, ({ end }) => end);
  return (key) => {
    const at = lastWhere(firsts.length, (place) => firsts[place]! <= key);
    return at < firsts.length && key >= firsts[at]! && key < ends[at]!;
  };
}
