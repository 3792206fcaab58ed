import { readdir, stat, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { canonicalJson } from '../../../core/canonical-json.js';
import { cacheFolder } from '../../files/cache-folder.js';
import { fileExists } from '../../files/file-exists.js';
import { sha256 } from '../../files/hash.js';
import { makeFolders } from '../../files/make-folders.js';
import { graphOfData } from './model-writer.js';

/**
 * A partial file that is older than this, in milliseconds, belongs to a process that was killed.
 */
const ABANDONED_AFTER = 3_600_000;

/**
 * Returns the path of the cached graph with this `identity`; `write` makes it where it is missing.
 * `write` must let the file appear either whole or not at all, and must write the same bytes for
 * the same identity, because two processes may do so at once.
 */
export async function cachedOnnxGraph(
  identity: object,
  write: (file: string) => Promise<void>,
): Promise<string> {
  const key = sha256(canonicalJson(identity));
  const file = join(cacheFolder(), 'graphs', `${key}.onnx`);
  if (!(await fileExists(file))) {
    await makeFolders(dirname(file));
    await removeAbandoned(dirname(file));
    await write(file);
  }
  return file;
}

/**
 * Removes files that a killed process had not finished, and large tensors whose graph it had not
 * written yet.
 */
async function removeAbandoned(folder: string): Promise<void> {
  const names = await readdir(folder);
  for (const name of names) {
    const graph = graphOfData(name);
    if (graph === undefined ? !name.endsWith('.partial') : names.includes(graph)) continue;
    const file = join(folder, name);
    const modified = await stat(file).catch(() => undefined);
    if (modified && Date.now() - modified.mtimeMs > ABANDONED_AFTER)
      await unlink(file).catch(() => undefined);
  }
}
