import { VectormillError } from '../../core/errors.js';
import { type JobRecord, type VersionLocation, withModels } from '../../core/job-spec.js';
import { type VersionLayout, versionLayout } from '../../core/layout.js';
import type { Shard } from '../../core/plan.js';
import {
  type CarryingPlan,
  readCarryingPlanFile,
  readPlanFile,
  readPlanState,
} from '../parquet/plan-file.js';
import type { ObjectStore } from '../store/object-store.js';
import type { StoreOpener } from '../store/store-cache.js';
import { assertSameEditions } from './assert-same-editions.js';
import { readJobRecord } from './read-job.js';
import { planForgotten, readStoredPlan, type StoredPlan } from './stored-plan.js';

/** A version that is being made: its job, where its files go and where they are. */
export interface OpenVersion {
  store: ObjectStore;
  layout: VersionLayout;
  job: JobRecord;
  /** The number of plans that were forgotten before the one that was found when it was opened. */
  forgottenPlans: number;
  /**
   * Returns the plan, which is read once because its shards never change. Errors: VERSION_NOT_FOUND
   * before the plan is written; PLAN_FORGOTTEN if another one was forgotten meanwhile.
   */
  plan(): Promise<readonly Shard[]>;
  /**
   * Returns the places, in the parent's list of slices, of the slices that are not read, because
   * their objects have not changed. They ascend. Errors: as `plan`.
   */
  keptSlices(): Promise<readonly number[]>;
}

const CACHED_VERSIONS = 8;

/**
 * Opens a version. `run` names the run of a workflow that found the version's plan before it asked;
 * within one run, the version is looked up only once.
 */
export type VersionOpener = (location: VersionLocation, run?: string) => Promise<OpenVersion>;

/**
 * Opens versions and keeps the latest few, because otherwise an activity for each shard would read
 * the whole plan again. Job and plan are create-once, but a version may be deleted and made anew
 * while a worker lives; it is then opened again.
 */
export function versionOpener(openStore: StoreOpener): VersionOpener {
  const openCurrent = currentVersions(openStore);
  const opened = new Map<string, Promise<OpenVersion>>();
  return (location, run) => {
    if (run === undefined) return openCurrent(location);
    const { output, dataset, version, models, forgottenPlans } = location;
    const key = JSON.stringify([run, output, dataset, version, models, forgottenPlans]);
    return cached(opened, key, () => openCurrent(location));
  };
}

/** Checks at every call whether the known version is still the one in the store. */
function currentVersions(openStore: StoreOpener): (location: VersionLocation) => Promise<OpenVersion> {
  const opened = new Map<string, Promise<OpenVersion>>();
  return async (location) => {
    const store = openStore(location.output);
    const layout = versionLayout(location.dataset, location.version);
    const [job, plan] = await Promise.all([store.head(layout.job), store.head(layout.plan)]);
    if (!job || !plan) return openVersion(store, location, undefined);
    const { output, models, forgottenPlans } = location;
    const key = JSON.stringify([output, layout.prefix, models, forgottenPlans, job.etag, plan.etag]);
    return cached(opened, key, async () =>
      openVersion(store, location, await readStoredPlan(store, layout.plan)),
    );
  };
}

function cached(
  versions: Map<string, Promise<OpenVersion>>,
  key: string,
  open: () => Promise<OpenVersion>,
): Promise<OpenVersion> {
  const known = versions.get(key);
  if (known) return known;
  const opened = open();
  versions.set(key, opened);
  opened.catch(() => versions.delete(key));
  if (versions.size > CACHED_VERSIONS) versions.delete(versions.keys().next().value as string);
  return opened;
}

/** `found` is what is stored as the plan; undefined before there is any. */
async function openVersion(
  store: ObjectStore,
  location: VersionLocation,
  found: Omit<StoredPlan, 'unchanged'> | undefined,
): Promise<OpenVersion> {
  const { dataset, version } = location;
  const planned = found?.state === 'forgotten' ? undefined : found;
  const forgottenPlans = planned?.forgottenPlans ?? 0;
  const layout = versionLayout(dataset, version, forgottenPlans);
  const file = `${store.root}/${layout.plan}`;
  if (location.forgottenPlans !== undefined && found && location.forgottenPlans !== planned?.forgottenPlans)
    throw planForgotten(file);
  const begun = await readJobRecord(store, layout.job);
  assertSameEditions(begun, undefined, `${store.root}/${layout.job}`);
  const job = withModels(begun, location.models);
  const bytesOfPlan = keptOnceRead(
    async () => planned?.bytes ?? (await readFirstPlan(store, layout, location)),
  );
  const opened = { store, layout, job, forgottenPlans };
  if (job.carry) {
    const carrying = keptOnceRead(async () => readCarryingPlanFile(await bytesOfPlan(), file));
    const resolved = keptOnceRead(() => planWithReread(store, layout, carrying));
    // Until it is known what becomes of the parent's documents, more shards may be planned.
    const current = async () =>
      (await store.head(layout.resolved)) ? resolved() : planWithReread(store, layout, carrying);
    return {
      ...opened,
      plan: async () => (await current()).shards,
      keptSlices: async () => (await current()).kept,
    };
  }
  const plan = keptOnceRead(async () => readPlanFile(await bytesOfPlan(), file));
  return { ...opened, plan, keptSlices: async () => [] };
}

/** Returns a function that reads once, and again only after a failure. */
function keptOnceRead<T>(read: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined;
  return () => {
    result ??= read().catch((error: unknown) => {
      result = undefined;
      throw error;
    });
    return result;
  };
}

/**
 * Reads the shards that the version of a job adds. Errors: OBJECT_NOT_FOUND, FILE_DAMAGED, which
 * name the file.
 */
export async function readOwnShards(
  store: ObjectStore,
  job: JobRecord,
  bytes: Uint8Array,
): Promise<readonly Shard[]> {
  const { dataset, version } = job.spec;
  const { plan } = versionLayout(dataset, version);
  const file = `${store.root}/${plan}`;
  if (!job.carry) return readPlanFile(bytes, file);
  const layout = versionLayout(dataset, version, readPlanState(bytes, file).forgottenPlans);
  return (await planWithReread(store, layout, async () => readCarryingPlanFile(bytes, file))).shards;
}

/** Adds the shards of objects that have not changed but must be read all the same. */
async function planWithReread(
  store: ObjectStore,
  { planAgain }: VersionLayout,
  planned: () => Promise<CarryingPlan>,
): Promise<CarryingPlan> {
  const plan = await planned();
  if (!(await store.head(planAgain))) return plan;
  const again = readCarryingPlanFile(await store.get(planAgain), `${store.root}/${planAgain}`);
  return { shards: [...plan.shards, ...again.shards], kept: again.kept };
}

/** Reads the plan of a version that had none when it was opened. */
async function readFirstPlan(
  store: ObjectStore,
  layout: VersionLayout,
  location: VersionLocation,
): Promise<Uint8Array> {
  const file = `${store.root}/${layout.plan}`;
  const found = await readStoredPlan(store, layout.plan);
  if (found && found.state !== 'forgotten') {
    if (found.forgottenPlans > 0) throw planForgotten(file);
    return found.bytes;
  }
  throw new VectormillError('VERSION_NOT_FOUND', `${location.dataset}@${location.version} has no plan yet`, {
    component: 'version',
    file,
    remedy: 'Run its job first.',
  });
}
