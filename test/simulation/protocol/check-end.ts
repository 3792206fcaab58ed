import { pinsPrefix, versionLayout } from '../../../core/layout.js';
import { readListedFile } from '../../../engine/version/read-listed-file.js';
import { readRef } from '../../../engine/version/read-ref.js';
import { listVersions, openReadableVersion } from '../../../engine/version/resolve-version.js';
import type { SimulatedProcess } from '../store/simulated-process.js';
import { REF, SIMULATED_DATASET } from './names.js';
import { rowsOfStandIn } from './stand-in-part.js';
import type { World } from './world.js';

const RUN = { signal: new AbortController().signal, onDeleted: () => {} };
/** More collections than a dataset can need to come to rest. */
const COLLECTIONS = 10;

/**
 * Lets collections come to their end, and checks what is left when all actors have ended: every
 * version that is readable has its rows, and of those that are deleted nothing is left.
 */
export async function checkEnd(world: World, { store }: SimulatedProcess): Promise<void> {
  try {
    if (world.hasCollections) await collectToTheEnd(world, { store });
    for (const version of await listVersions(store, SIMULATED_DATASET)) {
      if (world.rules.isDeleting(version)) continue;
      if (!(await store.head(versionLayout(SIMULATED_DATASET, version).manifest))) continue;
      const { parts } = await openReadableVersion(store, SIMULATED_DATASET, version);
      const rows: string[] = [];
      for (const { vectors } of parts) rows.push(...rowsOfStandIn(await readListedFile(store, vectors)));
      world.rules.checkRows(version, rows);
    }
    const record = await readRef(store, SIMULATED_DATASET, REF);
    if (record) await openReadableVersion(store, SIMULATED_DATASET, record.version);
  } catch (error) {
    world.violate('ref, manifest, files', `after the end: ${(error as Error).message}`);
  }
}

/** Removes the pins that ended processes have left, and collects until nothing is to be done. */
async function collectToTheEnd(world: World, { store }: Pick<SimulatedProcess, 'store'>): Promise<void> {
  for await (const { key } of store.list(pinsPrefix(SIMULATED_DATASET))) await store.delete(key);
  const wish = { policy: { ...world.policy, graceMs: 0 }, dropped: [] };
  for (let collection = 1; collection <= COLLECTIONS; collection += 1) {
    world.clocks.leap();
    const { outcome } = await world.protocol.collect(store, SIMULATED_DATASET, wish, RUN);
    if (outcome !== 'nothing') continue;
    world.rules.checkRemains();
    return;
  }
  world.violate('collections end', `there is something to be deleted after ${COLLECTIONS} collections`);
}
