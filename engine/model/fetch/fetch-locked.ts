import { VectormillError } from '../../../core/errors.js';
import { bytesOfLock, type ModelLock } from '../../../core/model-lock.js';
import { openStore } from '../../store/open-store.js';
import { downloadFile } from '../hub/download-file.js';
import { snapshotFolder } from '../hub/hub-cache.js';
import { HubClient, type HubPatience } from '../hub/hub-client.js';
import { HubUnavailable } from '../hub/hub-errors.js';
import { hubSettings } from '../hub/hub-settings.js';
import { lockedModel } from './locked-models.js';
import { type FileFetcher, ModelAssembly } from './model-assembly.js';
import { storeFetcher } from './model-store.js';
import { pullModel } from './pull.js';
import { locateLocked } from './resolve-model.js';

export interface FetchLockedOptions {
  /** The root of objects to take the model from in place of the hub. */
  models?: string | undefined;
  log: (line: string) => void;
  patience?: HubPatience | undefined;
}

/** The fetches of this process, by repository and commit, so that no two work on the same. */
const underWay = new Map<string, Promise<void>>();

/**
 * Brings the bytes of a lock to this machine, if they are not here. Errors: MODEL_NOT_FOUND,
 * MODEL_CHECKSUM_MISMATCH, HUB_DENIED, HUB_UNAVAILABLE, STORE_FULL, those of the store, the
 * system's.
 */
export async function fetchLocked(lock: ModelLock, options: FetchLockedOptions): Promise<void> {
  if ((await locateLocked(lock)) !== undefined) return;
  const key = `${lock.repository}@${lock.commit}`;
  const earlier = underWay.get(key);
  if (earlier) {
    await earlier;
    return fetchLocked(lock, options);
  }
  const fetching = fetchNow(lock, options);
  underWay.set(key, fetching);
  try {
    await fetching;
  } finally {
    underWay.delete(key);
  }
}

async function fetchNow(lock: ModelLock, options: FetchLockedOptions): Promise<void> {
  const { models, log } = options;
  const { repository, commit } = lock;
  log(`${repository}: fetching commit ${commit} (${bytesOfLock(lock)} bytes) from ${models ?? 'the hub'}`);
  if (models !== undefined) {
    const store = openStore(models);
    try {
      return await assembleLocked(lock, storeFetcher(store, lock), log);
    } finally {
      await store.close();
    }
  }
  // A named model has another source where the hub cannot be reached.
  const named = lockedModel(repository);
  if (named?.hub.revision === commit) {
    await pullModel(named.name, { log });
    return;
  }
  try {
    await fetchFromHub(lock, options);
  } catch (error) {
    throw error instanceof HubUnavailable || isNotFound(error) ? forWorkers(error, lock) : error;
  }
}

async function fetchFromHub(lock: ModelLock, { log, patience }: FetchLockedOptions): Promise<void> {
  const settings = hubSettings();
  const name = { repository: lock.repository, revision: lock.commit };
  const client = new HubClient(settings, name, { ...(patience && { patience }), log });
  const snapshot = { ...lock, client, settings };
  const fetch: FileFetcher = (...of) => downloadFile(snapshot, ...of);
  await assembleLocked(lock, fetch, log, snapshotFolder(settings, lock));
}

async function assembleLocked(
  lock: ModelLock,
  fetch: FileFetcher,
  log: (line: string) => void,
  foreign?: string,
): Promise<void> {
  const assembly = await ModelAssembly.open(lock, { fetch, foreign, log, onBytes: () => {} });
  const files = lock.files.map(({ path, bytes, sha256 }) => ({
    path,
    bytes,
    hash: { kind: 'sha256' as const, hex: sha256 },
  }));
  try {
    await assembly.assertRoom(files);
    for (const file of files) await assembly.add(file);
    const { folder } = await assembly.publish();
    log(`${lock.repository}: commit ${lock.commit} is in ${folder}, every sha256 as locked`);
  } catch (error) {
    if (error instanceof VectormillError && error.code === 'MODEL_CHECKSUM_MISMATCH')
      await assembly.discard();
    throw error;
  }
}

function isNotFound(error: unknown): error is VectormillError {
  return error instanceof VectormillError && error.code === 'MODEL_NOT_FOUND';
}

/** Makes the error of a worker that cannot have a model, with the ways to give it one. */
function forWorkers(
  { code, message, file }: VectormillError,
  { repository, commit }: ModelLock,
): VectormillError {
  return new VectormillError(code, message, {
    component: 'model',
    ...(file !== undefined && { file }),
    remedy: `Type on the worker's machine: vectormill model pull ${repository}@${commit}. Where it cannot reach the hub, give the job \`models\`: docs/models.md says how.`,
  });
}
