import { splitRowKey } from '../../../core/ids.js';
import { seededRandom } from '../../../core/seeded-random.js';
import type { ObjectStore } from '../../../engine/store/object-store.js';
import type { ReadableVersion } from '../../../engine/version/resolve-version.js';
import { carryRows, rangesWhere } from '../../support/dead-rows.js';
import { writeVectorVersion } from './vector-version.js';

/** The changes of a night: the share of rows that die, and the files of new rows. */
export interface Night {
  deadShare: number;
  /** Says which rows of a shard die, in place of a share of all. */
  dies?: (row: number) => boolean;
  files: readonly Float32Array[];
}

/**
 * Writes a version that carries the rows of its parent over, except for some that are drawn by
 * `seed`, and adds files of its own.
 */
export async function nightAfter(
  parent: ReadableVersion,
  { deadShare, dies, files }: Night,
  seed: number,
): Promise<ReadableVersion> {
  const { store, location, manifest, parts } = parent;
  const random = seededRandom(seed, 3);
  const last = parts.at(parts.length - 1)!;
  const child = await writeVectorVersion(store, {
    version: `v${Number(location.version.slice(1)) + 1}`,
    parent: location.version,
    dimensions: manifest.signature.dimensions,
    firstShard: splitRowKey(BigInt(last.vectors.firstKey)).shard + 1,
    files,
  });
  return carryRows(child, parent, ({ live }) =>
    live.flatMap(({ start, end }) =>
      rangesWhere(start, end, (row) => (dies ? !dies(row) : random() >= deadShare)),
    ),
  );
}

/** Writes a first version of these files. */
export function firstNight(
  store: ObjectStore,
  dimensions: number,
  files: readonly Float32Array[],
): Promise<ReadableVersion> {
  return writeVectorVersion(store, { dimensions, files });
}
