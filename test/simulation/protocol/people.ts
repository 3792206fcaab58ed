import { isVectormillError } from '../../../core/errors.js';
import { decideMove, type RefMove, type RefRecord, versionBefore } from '../../../core/ref.js';
import { releaseRef } from '../../../engine/version/move-ref.js';
import { unpin } from '../../../engine/version/pins.js';
import { readListedFile } from '../../../engine/version/read-listed-file.js';
import { readRef } from '../../../engine/version/read-ref.js';
import { listVersions, resolveVersion } from '../../../engine/version/resolve-version.js';
import type { SimulatedProcess } from '../store/simulated-process.js';
import { REF, SIMULATED_DATASET } from './names.js';
import { rowsOfStandIn } from './stand-in-part.js';
import { GONE, type World } from './world.js';

/** Returns whether somebody gets an error because there is no version yet, or none any more. */
function isNothingThere(world: World): (code: string) => boolean {
  return (code) => NOT_YET.includes(code) || (GONE.includes(code) && world.hasDeleted());
}

const NOT_YET = ['DATASET_NOT_FOUND', 'VERSION_NOT_FOUND'];

/** Points the ref at a version that is there, as `vectormill promote` does. */
export async function promote(world: World, name: string): Promise<void> {
  await world.command(
    name,
    async (process) => {
      const { store } = process;
      const versions = await listVersions(store, SIMULATED_DATASET);
      const chosen = versions[Math.floor(world.random() * versions.length)];
      if (chosen === undefined) return;
      const { location, job } = await resolveVersion(store, { dataset: SIMULATED_DATASET, selector: chosen });
      const before = await readRef(store, SIMULATED_DATASET, REF);
      const { version } = location;
      await point(world, process, before, { version, fingerprint: job.fingerprint, by: 'promote' });
    },
    isNothingThere(world),
  );
}

/** Points the ref at the version that it named before, as `vectormill rollback` does. */
export async function rollBack(world: World, name: string, hold = false): Promise<void> {
  await world.command(
    name,
    async (process) => {
      const before = await readRef(process.store, SIMULATED_DATASET, REF);
      const version = before && versionBefore(before);
      if (version === undefined) return;
      const { job } = await resolveVersion(process.store, { dataset: SIMULATED_DATASET, selector: version });
      const { fingerprint } = job;
      await point(world, process, before, { version, fingerprint, by: 'rollback', hold });
    },
    isNothingThere(world),
  );
}

/** Rolls back and holds the ref, and releases it after a while. */
export async function holdAndRelease(world: World, name: string): Promise<void> {
  await rollBack(world, name, true);
  await world.scheduler.turn(name, HOLD_STEPS);
  await world.command(`${name}/release`, async ({ store }) => {
    await releaseRef(store, { dataset: SIMULATED_DATASET, ref: REF });
  });
}

/** The number of steps for which a ref is held if there are so many. */
const HOLD_STEPS = 80;

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
        isNothingThere(world),
      )
      .catch((error: unknown) => {
        if (!isVectormillError(error)) throw error;
      });
}

const READINGS = 3;

async function point(
  world: World,
  { name, store, now }: SimulatedProcess,
  before: RefRecord | undefined,
  asked: Pick<RefMove, 'version' | 'fingerprint' | 'by' | 'hold'>,
): Promise<void> {
  const dataset = SIMULATED_DATASET;
  const move = {
    dataset,
    ref: REF,
    writeId: name,
    movedAt: now(),
    expected: before?.generation ?? 0,
    ...asked,
  };
  if (decideMove(before, move).outcome !== 'write') return;
  world.expectMove(move);
  const owner = { host: name, process: 1 };
  const pin = { dataset, job: name.replaceAll('/', '.'), makes: null, versions: [asked.version], owner };
  const moved = await world.protocol.movePinned(store, pin, move).catch(async (error: unknown) => {
    await unpin(store, pin);
    throw error;
  });
  world.rules.checkAnswer(move, moved);
}
