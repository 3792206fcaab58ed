import { join } from 'node:path';
import { isPathBelow } from '../../../core/model-lock.js';
import { modelInvalid } from '../model-errors.js';
import { readJsonFile } from './configuration.js';

/**
 * Reads the folders of all modules that modules.json names, in order and relative to the model's
 * folder; `''` is that folder itself. Errors: MODEL_INVALID for a file of another form, and for a
 * folder that lies elsewhere.
 */
export async function moduleFolders(folder: string): Promise<string[]> {
  const file = join(folder, 'modules.json');
  const entries = await readJsonFile(file);
  if (!Array.isArray(entries)) throw modelInvalid(file, 'modules.json does not hold a JSON array');
  return entries.map((entry) => {
    const { path } = (entry ?? {}) as { path?: unknown };
    if (typeof path === 'string' && (path === '' || isPathBelow(path.replace(/\/$/, '')))) return path;
    throw modelInvalid(file, 'a module has no path below the model folder');
  });
}
