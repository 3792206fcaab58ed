import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { sha256 } from '../../files/hash.js';
import { modelInvalid } from '../model-errors.js';
import { weightsFiles } from './sharded-weights.js';

/**
 * Returns the SHA-256, in hex, of weights. For several files, it is that of their sorted hashes,
 * one a line. Errors: MODEL_INVALID.
 */
export async function sha256OfWeights(path: string, dataFiles: readonly string[] = []): Promise<string> {
  const hashes: string[] = [];
  for (const file of [...(await weightsFiles(path)), ...dataFiles]) hashes.push(await sha256OfFile(file));
  return hashes.length === 1 ? hashes[0]! : sha256(hashes.sort().join('\n'));
}

/**
 * Returns the SHA-256, in hex, of a model's file, which is read piece by piece. Errors:
 * MODEL_INVALID.
 */
export async function sha256OfFile(file: string): Promise<string> {
  const hash = createHash('sha256');
  try {
    await pipeline(createReadStream(file, { highWaterMark: 1 << 20 }), hash);
  } catch (error) {
    throw modelInvalid(file, 'the file cannot be read', error);
  }
  return hash.digest('hex');
}
