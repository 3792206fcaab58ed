import { type JobRecord, withParent } from '../../../core/job-spec.js';
import { versionLayout } from '../../../core/layout.js';
import type { Manifest } from '../../../core/manifest.js';
import { findParent } from '../../../engine/version/find-parent.js';
import { refMoveOf } from '../../../engine/version/finished-version.js';
import type { OpenVersion } from '../../../engine/version/open-version.js';
import { readManifest } from '../../../engine/version/read-manifest.js';
import { refGeneration } from '../../../engine/version/read-ref.js';
import { testJob } from '../../support/test-job.js';
import type { SimulatedProcess } from '../store/simulated-process.js';
import { REF, SIMULATED_DATASET } from './names.js';
import { manifestOfStandIns } from './stand-in-manifest.js';
import { planStandIn, type StandInPlan, shardsOf } from './stand-in-plan.js';
import { commitStandIn } from './stand-in-shard.js';
import type { World } from './world.js';

const TEMPLATE = testJob('/simulation', { dataset: SIMULATED_DATASET, ref: REF, output: 's3://bucket' });

/** Makes the version of a night, as the workflow of a job does, and moves the ref to it. */
export async function makeVersion(world: World, night: number): Promise<void> {
  const name = `night-${night}`;
  const job = await world.attempts(`${name}/open`, (process) => openNight(process, `v${night}`));
  await world.attempts(`${name}/claim`, ({ store }) => world.protocol.createVersion(store, job));
  const plan = await world.attempts(`${name}/plan`, ({ store }) =>
    planStandIn(store, job, world.rowsOf(job.spec.version)),
  );
  await Promise.all(
    shardsOf(plan).map(({ shard }) =>
      world.attempts(`${name}/shard-${shard}`, (process) =>
        commitStandIn(world.protocol, process, openVersion(process, job, plan), { plan, shard }),
      ),
    ),
  );
  await world.attempts(`${name}/manifest`, (process) => finish(world, process, { job, plan }));
}

async function openNight({ store }: SimulatedProcess, version: string): Promise<JobRecord> {
  const generation = await refGeneration(store, SIMULATED_DATASET, REF);
  const job = { ...TEMPLATE, spec: { ...TEMPLATE.spec, version }, refGeneration: generation };
  return withParent(job, await findParent(store, job));
}

async function finish(
  world: World,
  process: SimulatedProcess,
  { job, plan }: { job: JobRecord; plan: StandInPlan },
): Promise<void> {
  const { store, layout, ...version } = openVersion(process, job, plan);
  const manifest: Manifest = (await store.head(layout.manifest))
    ? await readManifest(store, layout.manifest)
    : await world.protocol.createManifest(
        store,
        layout,
        await manifestOfStandIns({ store, layout, ...version }, plan, process.now()),
      );
  await store.put(layout.success, new Uint8Array());
  const move = refMoveOf({ ref: REF, by: 'job' }, job, manifest)!;
  world.expectMove(move);
  world.rules.checkAnswer(move, await world.protocol.moveRef(store, move));
}

function openVersion({ store }: SimulatedProcess, job: JobRecord, plan: StandInPlan): OpenVersion {
  const layout = versionLayout(SIMULATED_DATASET, job.spec.version);
  return {
    store,
    layout,
    job,
    plan: async () => shardsOf(plan),
    forgottenPlans: 0,
    keptSlices: async () => [],
  };
}
