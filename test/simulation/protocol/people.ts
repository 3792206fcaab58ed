import { isVectormillError } from '../../../core/errors.js';
import { type RefMove, versionBefore } from '../../../core/ref.js';
import { readListedFile } from '../../../engine/version/read-listed-file.js';
import { readRef } from '../../../engine/version/read-ref.js';
import { listVersions, resolveVersion } from '../../../engine/version/resolve-version.js';
import type { SimulatedProcess } from '../store/simulated-process.js';
import { REF, SIMULATED_DATASET } from './names.js';
import { rowsOfStandIn } from './stand-in-part.js';
import type { World } from './world.js';

/** Errors that somebody gets who asks before there is a version. */
const NOT_YET = ['DATASET_NOT_FOUND', 'VERSION_NOT_FOUND'];

/** Points the ref at a version that is there, as `vectormill promote` does. */
export async function promote(world: World, name: string): Promise<void> {
  await world.command(
    name,
    async (process) => {
      const { store } = process;
      const versions = await listVersions(store, SIMULATED_DATASET);
      const chosen = versions[name.length % Math.max(1, versions.length)];
      if (chosen === undefined) return;
      const { location, job } = await resolveVersion(store, { dataset: SIMULATED_DATASET, selector: chosen });
      const before = await readRef(store, SIMULATED_DATASET, REF);
      await point(world, process, {
        version: location.version,
        fingerprint: job.fingerprint,
        by: 'promote',
        expected: before?.generation ?? 0,
      });
    },
    NOT_YET,
  );
}

/** Points the ref at the version that it named before, as `vectormill rollback` does. */
export async function rollBack(world: World, name: string): Promise<void> {
  await world.command(
    name,
    async (process) => {
      const record = await readRef(process.store, SIMULATED_DATASET, REF);
      const version = record && versionBefore(record);
      if (version === undefined) return;
      const { job } = await resolveVersion(process.store, { dataset: SIMULATED_DATASET, selector: version });
      const { fingerprint } = job;
      await point(world, process, {
        version,
        fingerprint,
        by: 'rollback',
        expected: record?.generation ?? 0,
      });
    },
    NOT_YET,
  );
}

/** Reads all rows of the version that the ref names, some times. */
export async function readOften(world: World, name: string): Promise<void> {
  for (let round = 0; round < READINGS; round += 1)
    await world
      .command(
        name,
        async ({ store }) => {
          const { location, parts } = await resolveVersion(store, {
            dataset: SIMULATED_DATASET,
            selector: REF,
          });
          const rows: string[] = [];
          for (const { vectors } of parts) rows.push(...rowsOfStandIn(await readListedFile(store, vectors)));
          world.rules.checkRows(location.version, rows);
        },
        NOT_YET,
      )
      .catch((error: unknown) => {
        if (!isVectormillError(error)) throw error;
      });
}

const READINGS = 3;

async function point(
  world: World,
  { name, store, now }: SimulatedProcess,
  asked: Pick<RefMove, 'version' | 'fingerprint' | 'by' | 'expected'>,
): Promise<void> {
  const move = { dataset: SIMULATED_DATASET, ref: REF, writeId: name, movedAt: now(), ...asked };
  world.expectMove(move);
  world.rules.checkAnswer(move, await world.protocol.moveRef(store, move));
}
