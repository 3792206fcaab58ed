import type { Client } from '@temporalio/client';
import { isVectormillError, type VectormillError } from '../../core/errors.js';
import { versionLayout } from '../../core/layout.js';
import { mapConcurrently } from '../../engine/concurrency/map-concurrently.js';
import type { StoreOpener } from '../../engine/store/store-cache.js';
import { listRefs } from '../../engine/version/list-refs.js';
import { listJobs } from './find-job.js';

/** A dataset at one place, with the versions that Temporal has jobs of and those that refs name. */
export interface DatasetState {
  dataset: string;
  /** The output root. Null where its jobs cannot be read, which are then states of their own. */
  output: string | null;
  /** The versions. The one whose job was started last comes first. */
  versions: VersionState[];
  /** The reason why its jobs or its place cannot be read; null where they can. */
  problem: string | null;
}

export interface VersionState {
  version: string;
  /** The status of its job, as `list` names it. Null where Temporal no longer has the job. */
  status: string | null;
  /** The time in ISO 8601. */
  startedAt: string | null;
  /** Whether its manifest exists. Null where the place cannot be read. */
  readable: boolean | null;
  refs: string[];
}

const HEADS_AT_ONCE = 16;

/** Returns the datasets of the latest `limit` jobs. The one with the latest job comes first. */
export async function datasetStates(
  client: Client,
  openStore: StoreOpener,
  limit: number,
): Promise<DatasetState[]> {
  const datasets = new Map<string, DatasetState>();
  let jobs = 0;
  for await (const { workflowId, status, startedAt, output: own, problem: unreadable } of listJobs(client)) {
    if (jobs++ >= limit) break;
    const [, dataset = '', version = ''] = workflowId.split('/');
    const output = unreadable ? null : (own ?? '');
    const problem = unreadable ? told(unreadable) : null;
    const key = JSON.stringify([dataset, output, problem]);
    const state = datasets.get(key) ?? { dataset, output, versions: [], problem };
    datasets.set(key, state);
    // A version that was run again has several jobs. The latest one has its current state.
    if (!state.versions.some((known) => known.version === version))
      state.versions.push({
        version,
        status,
        startedAt: startedAt.toISOString(),
        readable: null,
        refs: [],
      });
  }
  return Promise.all([...datasets.values()].map((state) => withPlace(state, openStore)));
}

/** Adds what is stored at a dataset's place: its refs, and which versions can be read. */
async function withPlace(state: DatasetState, openStore: StoreOpener): Promise<DatasetState> {
  const { dataset, output } = state;
  if (output === null) return state;
  try {
    const store = openStore(output);
    const refs = await listRefs(store, dataset);
    const known = new Set(state.versions.map(({ version }) => version));
    const others = new Set(refs.map(({ version }) => version).filter((version) => !known.has(version)));
    const versions = [
      ...state.versions,
      ...[...others].map((version) => ({ version, status: null, startedAt: null })),
    ];
    return {
      ...state,
      versions: await mapConcurrently(versions, HEADS_AT_ONCE, async (own) => ({
        ...own,
        readable: (await store.head(versionLayout(dataset, own.version).manifest)) !== undefined,
        refs: refs.filter(({ version }) => version === own.version).map(({ ref }) => ref),
      })),
    };
  } catch (error) {
    if (!isVectormillError(error)) throw error;
    return { ...state, problem: told(error) };
  }
}

function told({ code, message }: VectormillError): string {
  return `${code}: ${message}`;
}
