import { join, resolve } from 'node:path';
import { VectormillError } from '../../../core/errors.js';
import { coversLock, hubNameText, type ModelLock, parseHubName } from '../../../core/model-lock.js';
import { cacheFolder } from '../../files/cache-folder.js';
import { fileExists, folderExists } from '../../files/file-exists.js';
import { LOCKED_MODELS, lockedModel, lockOf } from './locked-models.js';
import { findAtCommit, findPulled } from './pulled-models.js';

/** Returns the folder into which `model pull` puts models, and in which names are looked up. */
export function modelsFolder(): string {
  return join(cacheFolder(), 'models');
}

/** The place of a model on this machine, and its bytes where it was pulled by name. */
export interface ModelPlace {
  /** The absolute path of its folder or file. */
  location: string;
  lock?: ModelLock | undefined;
}

/**
 * Returns the absolute path of a model's folder or file. Errors: those of `locateModel`.
 */
export async function resolveModel(nameOrPath: string): Promise<string> {
  return (await locateModel(nameOrPath)).location;
}

/**
 * Finds a model on this machine. The name of a locked model, of a folder in the cache or of a model
 * that was pulled from the hub comes before a path, so that a stray folder in the working directory
 * is not mistaken for a model. `./name` is always a path. With the lock of a job, only what has its
 * bytes is found. Errors: MODEL_NOT_FOUND, saying what to type.
 */
export async function locateModel(nameOrPath: string, lock?: ModelLock): Promise<ModelPlace> {
  if (lock) {
    const location = await locateLocked(lock);
    if (location !== undefined) return { location, lock };
    throw lockedNotHere(lock);
  }
  const locked = lockedModel(nameOrPath);
  const name = locked?.name ?? nameOrPath;
  if (/^[\w.-]+$/.test(name) && !/^\.+$/.test(name)) {
    const location = join(modelsFolder(), name);
    if (await folderExists(location)) return { location, lock: locked && lockOf(locked) };
  }
  const onHub = parseHubName(nameOrPath);
  const pulled = onHub && (await findPulled(onHub));
  if (pulled) return { location: pulled.folder, lock: pulled.lock };
  if (await fileExists(nameOrPath)) return { location: resolve(nameOrPath) };
  const known = LOCKED_MODELS.map((model) => model.name).join(', ');
  throw new VectormillError('MODEL_NOT_FOUND', `there is no model ${JSON.stringify(nameOrPath)} here`, {
    component: 'model',
    remedy: locked
      ? `Type: vectormill model pull ${locked.name}`
      : onHub
        ? `If it is a model of the hub, type: vectormill model pull ${hubNameText(onHub)}`
        : `Give the path of a model folder or of a file of word vectors, the name of a model on the hub as organisation/name, or one of these names: ${known}.`,
  });
}

/** Returns the folder of this machine that holds the bytes of a lock, if one does. */
export async function locateLocked(lock: ModelLock): Promise<string | undefined> {
  const pulled = await findAtCommit(lock);
  if (pulled && coversLock(pulled.lock, lock)) return pulled.folder;
  const locked = lockedModel(lock.repository);
  if (!locked || locked.hub.revision !== lock.commit || !coversLock(locked, lock)) return undefined;
  const location = join(modelsFolder(), locked.name);
  return (await folderExists(location)) ? location : undefined;
}

function lockedNotHere({ repository, commit }: ModelLock): VectormillError {
  const locked = lockedModel(repository);
  const name = locked?.hub.revision === commit ? locked.name : `${repository}@${commit}`;
  return new VectormillError(
    'MODEL_NOT_FOUND',
    `the model of the job, ${repository} at commit ${commit}, is not here`,
    { component: 'model', remedy: `Type: vectormill model pull ${name}` },
  );
}
