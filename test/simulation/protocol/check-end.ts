import { versionLayout } from '../../../core/layout.js';
import { readListedFile } from '../../../engine/version/read-listed-file.js';
import { readRef } from '../../../engine/version/read-ref.js';
import { listVersions, openReadableVersion } from '../../../engine/version/resolve-version.js';
import type { SimulatedProcess } from '../store/simulated-process.js';
import { REF, SIMULATED_DATASET } from './names.js';
import { rowsOfStandIn } from './stand-in-part.js';
import type { World } from './world.js';

/** Checks what is left when all actors have ended: every version that is readable has its rows. */
export async function checkEnd(world: World, { store }: SimulatedProcess): Promise<void> {
  try {
    for (const version of await listVersions(store, SIMULATED_DATASET)) {
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
