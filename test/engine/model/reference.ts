import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheFolder } from '../../../engine/files/cache-folder.js';
import { SafetensorsFile } from '../../../engine/model/folder/safetensors.js';

/** The model that `vectormill model pull` leaves in the cache. */
export const MINILM = join(cacheFolder(), 'models', 'all-MiniLM-L6-v2');
export const hasMinilm = existsSync(join(MINILM, 'model.safetensors'));

const FOLDER = fileURLToPath(new URL('../../../../shared/reference/minilm-l6-v2-xquad-en/', import.meta.url));
export const hasReference = existsSync(FOLDER);

export async function referenceTexts(): Promise<string[]> {
  const lines = (await readFile(join(FOLDER, 'texts.jsonl'), 'utf8'))
    .split('\n')
    .filter((line) => line !== '');
  return lines.map((line) => (JSON.parse(line) as { text: string }).text);
}

/** Returns the vectors that sentence-transformers computed for the texts, row-major. */
export async function referenceVectors(name: string): Promise<Float32Array> {
  const file = await SafetensorsFile.open(join(FOLDER, 'vectors.safetensors'));
  try {
    return await file.readFloat32(name);
  } finally {
    await file.close();
  }
}

/** Returns the bytes of an int8 or uint8 tensor, row-major. */
export async function referenceBytes(name: string): Promise<Buffer> {
  const path = join(FOLDER, 'vectors.safetensors');
  const file = await SafetensorsFile.open(path);
  await file.close();
  const { start, end } = file.tensors.get(name)!;
  return (await readFile(path)).subarray(start, end);
}

/** Returns the smallest cosine between rows with the same number. */
export function lowestCosine(a: Float32Array, b: Float32Array, dimensions: number): number {
  let lowest = 1;
  for (let start = 0; start < a.length; start += dimensions) {
    let dot = 0;
    let normA = 0;
    let normB = 0;
    for (let index = start; index < start + dimensions; index++) {
      dot += a[index]! * b[index]!;
      normA += a[index]! ** 2;
      normB += b[index]! ** 2;
    }
    lowest = Math.min(lowest, dot / Math.sqrt(normA * normB));
  }
  return lowest;
}

/**
 * Returns the largest distance between rows with the same number, relative to the expected row's
 * norm.
 */
export function largestRelativeDifference(
  actual: Float32Array,
  expected: ArrayLike<number>,
  dimensions: number,
): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY;
  let largest = 0;
  for (let start = 0; start < actual.length; start += dimensions) {
    const columns = Array.from({ length: dimensions }, (_, column) => start + column);
    const distance = Math.hypot(...columns.map((index) => actual[index]! - expected[index]!));
    largest = Math.max(largest, distance / Math.hypot(...columns.map((index) => expected[index]!)));
  }
  return largest;
}

/**
 * Returns the largest difference between numbers at the same place. It is infinite if one is not a
 * number.
 */
export function largestDifference(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY;
  let largest = 0;
  for (let index = 0; index < actual.length; index++) {
    const difference = Math.abs(actual[index]! - expected[index]!);
    largest = Math.max(largest, Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference);
  }
  return largest;
}
