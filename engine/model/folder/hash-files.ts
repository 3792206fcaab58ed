import { stat } from 'node:fs/promises';
import { sha256, sha256OfFile } from '../../files/hash.js';
import { modelInvalid } from '../model-errors.js';
import { weightsFiles } from './sharded-weights.js';

/**
 * Returns the SHA-256, in hex, of weights. For several files, it is that of their sorted hashes,
 * one a line. Errors: MODEL_INVALID.
 */
export async function sha256OfWeights(path: string, dataFiles: readonly string[] = []): Promise<string> {
  const hashes: string[] = [];
  for (const file of [...(await weightsFiles(path)), ...dataFiles])
    hashes.push(await sha256OfModelFile(file));
  return hashes.length === 1 ? hashes[0]! : sha256(hashes.sort().join('\n'));
}

/** The hashes of files that this process has read, by their paths. */
const known = new Map<string, { state: string; sha256: string }>();

/**
 * Returns the SHA-256, in hex, of a model's file, which is read piece by piece. A file that has not
 * changed is read once by a process, because a job asks for its model several times. Errors:
 * MODEL_INVALID.
 */
export async function sha256OfModelFile(file: string): Promise<string> {
  try {
    const state = await stateOf(file);
    const earlier = known.get(file);
    if (earlier?.state === state) return earlier.sha256;
    const found = { state, sha256: await sha256OfFile(file) };
    // A file that is written meanwhile is read again by the next call.
    if ((await stateOf(file)) === state) known.set(file, found);
    return found.sha256;
  } catch (error) {
    throw modelInvalid(file, 'the file cannot be read', error);
  }
}

/** Returns what changes whenever a file is written or replaced. Errors: the system's. */
async function stateOf(file: string): Promise<string> {
  const { dev, ino, size, mtimeNs, ctimeNs } = await stat(file, { bigint: true });
  return [dev, ino, size, mtimeNs, ctimeNs].join();
}
