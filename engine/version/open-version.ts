import { VectormillError } from '../../core/errors.js';
import type { JobRecord, VersionLocation } from '../../core/job-spec.js';
import { type VersionLayout, versionLayout } from '../../core/layout.js';
import type { Shard } from '../../core/plan.js';
import { readPlanFile } from '../parquet/plan-file.js';
import type { ObjectStore } from '../store/object-store.js';
import type { StoreOpener } from '../store/store-cache.js';
import { readJson } from './read-json.js';

/** A version being made: its job, where its files go and where they are. */
export interface OpenVersion {
  store: ObjectStore;
  layout: VersionLayout;
  job: JobRecord;
  /** Read once: the plan is immutable. Errors: VERSION_NOT_FOUND before the plan is written. */
  plan(): Promise<readonly Shard[]>;
}

const CACHED_VERSIONS = 8;

/**
 * Opens versions and keeps the latest few, since an activity a shard would otherwise read the whole plan again. Job
 * and plan are create-once, but a version may be deleted and made anew while a worker lives: it is then opened again.
 */
export function versionOpener(openStore: StoreOpener): (location: VersionLocation) => Promise<OpenVersion> {
  const cache = new Map<string, Promise<OpenVersion>>();
  return async (location) => {
    const store = openStore(location.output);
    const layout = versionLayout(location.dataset, location.version);
    const [job, plan] = await Promise.all([store.head(layout.job), store.head(layout.plan)]);
    if (!job || !plan) return openVersion(store, layout, location);
    const key = JSON.stringify([location.output, layout.prefix, job.etag, plan.etag]);
    const cached = cache.get(key);
    if (cached) return cached;
    const opened = openVersion(store, layout, location);
    cache.set(key, opened);
    opened.catch(() => cache.delete(key));
    if (cache.size > CACHED_VERSIONS) cache.delete(cache.keys().next().value as string);
    return opened;
  };
}

async function openVersion(
  store: ObjectStore,
  layout: VersionLayout,
  location: VersionLocation,
): Promise<OpenVersion> {
  const job = await readJson<JobRecord>(store, layout.job, 1);
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
