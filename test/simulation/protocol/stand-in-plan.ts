import { splitRowKey } from '../../../core/ids.js';
import type { JobRecord } from '../../../core/job-spec.js';
import { versionLayout } from '../../../core/layout.js';
import type { Shard } from '../../../core/plan.js';
import type { ObjectStore } from '../../../engine/store/object-store.js';
import { createOnce, encodeJson } from '../../../engine/version/create-once.js';
import { readListedFile } from '../../../engine/version/read-listed-file.js';
import { openReadableVersion } from '../../../engine/version/resolve-version.js';
import { SIMULATED_DATASET } from './names.js';
import { rowsOfStandIn, type StandInFile } from './stand-in-part.js';

/** The parts that a version takes from its parent, and the rows of its own shards. */
export interface StandInPlan {
  /** Parts of the parent all of whose rows live on. */
  carried: readonly StandInFile[];
  firstShard: number;
  shards: readonly (readonly string[])[];
}

const SHARDS = 2;

/** Plans a version, create-once. */
export async function planStandIn(
  store: ObjectStore,
  job: JobRecord,
  rows: readonly string[],
): Promise<StandInPlan> {
  const carried: StandInFile[] = [];
  let rest = [...rows];
  let firstShard = 0;
  if (job.parent !== null) {
    const { parts } = await openReadableVersion(store, SIMULATED_DATASET, job.parent);
    for (const { chunks, vectors } of parts) {
      firstShard = Math.max(firstShard, splitRowKey(BigInt(vectors.firstKey)).shard + 1);
      const held = rowsOfStandIn(await readListedFile(store, vectors));
      if (!held.every((row) => rest.includes(row))) continue;
      rest = rest.filter((row) => !held.includes(row));
      carried.push({ ...chunks, ...vectors });
    }
  }
  const middle = Math.ceil(rest.length / SHARDS);
  const shards = [rest.slice(0, middle), rest.slice(middle)].filter((shard) => shard.length > 0);
  const key = versionLayout(SIMULATED_DATASET, job.spec.version).plan;
  const { bytes } = await createOnce(store, key, encodeJson({ carried, firstShard, shards }));
  return JSON.parse(Buffer.from(bytes).toString()) as StandInPlan;
}

/** Returns a version's own shards, in the form in which a plan has them. */
export function shardsOf({ firstShard, shards }: StandInPlan): Shard[] {
  return shards.map((rows, place) => ({
    shard: firstShard + place,
    slices: [
      {
        uri: `s3://bucket/input/${rows[0]}`,
        etag: rows.join(),
        objectBytes: rows.length,
        start: 0,
        end: rows.length,
        bytes: rows.length,
        estimatedRows: rows.length,
      },
    ],
  }));
}
