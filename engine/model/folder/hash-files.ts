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

/**
 * Returns the SHA-256, in hex, of a model's file, which is read piece by piece. Errors:
 * MODEL_INVALID.
 */
export async function sha256OfModelFile(file: string): Promise<string> {
  return sha256OfFile(file).catch((error: unknown) => {
    throw modelInvalid(file, 'the file cannot be read', error);
  });
}
