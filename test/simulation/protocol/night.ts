import { isVectormillError } from '../../../core/errors.js';
import { type JobRecord, withParent } from '../../../core/job-spec.js';
import { versionLayout } from '../../../core/layout.js';
import type { Manifest } from '../../../core/manifest.js';
import { pinsOfJob } from '../../../core/retention/job-pins.js';
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
import { GONE, type World } from './world.js';

const TEMPLATE = testJob('/simulation', { dataset: SIMULATED_DATASET, ref: REF, output: 's3://bucket' });

/** A parent may be deleted before it is pinned; then another one is looked for, so many times. */
const BEGINNINGS = 3;

/** Makes the version of a night, as the workflow of a job does, and moves the ref to it. */
export async function makeVersion(world: World, night: number): Promise<void> {
  const name = `night-${night}`;
  const version = `v${night}`;
  const job = await begin(world, name, version);
  const step = <T>(stage: string, work: (process: SimulatedProcess) => Promise<T>) =>
    world.attempts(
      `${name}/${stage}`,
      work,
      (code) => GONE.includes(code) && world.rules.isDeleting(version),
    );
  const plan = await step('plan', ({ store }) => planStandIn(store, job, world.rowsOf(version)));
  await Promise.all(
    shardsOf(plan).map(({ shard }) =>
      step(`shard-${shard}`, (process) =>
        commitStandIn(world.protocol, process, openVersion(process, job, plan), { plan, shard }),
      ),
    ),
  );
  await step('manifest', (process) => finish(world, process, { name, job, plan }));
}

/** Finds a parent, pins it, and claims the version. */
async function begin(world: World, name: string, version: string): Promise<JobRecord> {
  for (let begun = 1; ; begun += 1) {
    try {
      const maybeGone = (code: string) => GONE.includes(code) && world.hasDeleted();
      const job = await world.attempts(`${name}/open`, (process) => openNight(process, version), maybeGone);
      const claim = async ({ store }: SimulatedProcess) => {
        for (const pin of pinsOfJob(job))
          await world.protocol.pinVersions(store, { ...pin, owner: { workflow: name } });
        await world.protocol.createVersion(store, job);
      };
      await world.attempts(`${name}/claim`, claim, maybeGone);
      return job;
    } catch (error) {
      if (!isVectormillError(error) || world.rules.isDeleting(version) || begun === BEGINNINGS) throw error;
    }
  }
}

async function openNight({ store }: SimulatedProcess, version: string): Promise<JobRecord> {
  const generation = await refGeneration(store, SIMULATED_DATASET, REF);
  const job = { ...TEMPLATE, spec: { ...TEMPLATE.spec, version }, refGeneration: generation };
  const { parent } = await findParent(store, job);
  // What stand-ins carry over is planned by the stand-in of a plan.
  return withParent(job, { parent });
}

async function finish(
  world: World,
  process: SimulatedProcess,
  { name, job, plan }: { name: string; job: JobRecord; plan: StandInPlan },
): Promise<void> {
  const version = openVersion(process, job, plan);
  const { store, layout } = version;
  const manifest: Manifest = (await store.head(layout.manifest))
    ? await readManifest(store, layout.manifest)
    : await world.protocol.createManifest(
        store,
        layout,
        await manifestOfStandIns(version, plan, process.now()),
      );
  await store.put(layout.success, new Uint8Array());
  const move = refMoveOf({ ref: REF, by: 'job' }, job, manifest)!;
  world.expectMove(move);
  const moved = await world.protocol.settleVersion(version, manifest, { owner: { workflow: name } });
  world.rules.checkAnswer(move, moved!);
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
