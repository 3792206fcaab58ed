import { VectormillError } from '../../core/errors.js';
import { type JobRecord, type VersionLocation, withModels } from '../../core/job-spec.js';
import { type VersionLayout, versionLayout } from '../../core/layout.js';
import type { Shard } from '../../core/plan.js';
import { readPlanFile } from '../parquet/plan-file.js';
import type { ObjectStore } from '../store/object-store.js';
import type { StoreOpener } from '../store/store-cache.js';
import { assertSameEditions } from './assert-same-editions.js';
import { readJsonRecord } from './read-json-record.js';

/** A version that is being made: its job, where its files go and where they are. */
export interface OpenVersion {
  store: ObjectStore;
  layout: VersionLayout;
  job: JobRecord;
  /**
   * Returns the plan, which is read once because it is immutable. Errors: VERSION_NOT_FOUND before
   * the plan is written.
   */
  plan(): Promise<readonly Shard[]>;
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
    const { output, dataset, version, models } = location;
    const key = JSON.stringify([run, output, dataset, version, models]);
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
    if (!job || !plan) return openVersion(store, layout, location);
    const key = JSON.stringify([location.output, layout.prefix, location.models, job.etag, plan.etag]);
    return cached(opened, key, () => openVersion(store, layout, location));
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

async function openVersion(
  store: ObjectStore,
  layout: VersionLayout,
  location: VersionLocation,
): Promise<OpenVersion> {
  const begun = await readJsonRecord<JobRecord>(store, layout.job, 1);
  assertSameEditions(begun, undefined, `${store.root}/${layout.job}`);
  const job = withModels(begun, location.models);
  let plan: Promise<readonly Shard[]> | undefined;
  return {
    store,
    layout,
    job,
    plan: () => {
      plan ??= readPlan(store, layout, location).catch((error: unknown) => {
        plan = undefined;
        throw error;
      });
      return plan;
    },
  };
}

async function readPlan(store: ObjectStore, layout: VersionLayout, location: VersionLocation) {
  if (!(await store.head(layout.plan))) {
    throw new VectormillError(
      'VERSION_NOT_FOUND',
      `${location.dataset}@${location.version} has no plan yet`,
      {
        component: 'version',
        file: `${store.root}/${layout.plan}`,
        remedy: 'Run its job first.',
      },
    );
  }
  return readPlanFile(await store.get(layout.plan), `${store.root}/${layout.plan}`);
}
