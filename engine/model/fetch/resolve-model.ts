import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { VectormillError } from '../../../core/errors.js';
import { hubNameText, parseHubName } from '../../../core/model-lock.js';
import { cacheFolder } from '../../files/cache-folder.js';
import { fileExists } from '../../files/file-exists.js';
import { LOCKED_MODELS, lockedModel } from './locked-models.js';
import { findPulled } from './pulled-models.js';

/** Returns the folder into which `model pull` puts models, and in which names are looked up. */
export function modelsFolder(): string {
  return join(cacheFolder(), 'models');
}

/**
 * Returns the absolute path of a model's folder or file. The name of a locked model, of a folder in
 * the cache or of a model that was pulled from the hub comes before a path, so that a stray folder
 * in the working directory is not mistaken for a model. `./name` is always a path. Errors:
 * MODEL_NOT_FOUND, saying what to type.
 */
export async function resolveModel(nameOrPath: string): Promise<string> {
  const locked = lockedModel(nameOrPath);
  const name = locked?.name ?? nameOrPath;
  if (/^[\w.-]+$/.test(name) && !/^\.+$/.test(name)) {
    const cached = join(modelsFolder(), name);
    if (await isFolder(cached)) return cached;
  }
  const onHub = parseHubName(nameOrPath);
  const pulled = onHub && (await findPulled(onHub));
  if (pulled) return pulled.folder;
  if (await fileExists(nameOrPath)) return resolve(nameOrPath);
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

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
