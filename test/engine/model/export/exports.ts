import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { composeHead } from '../sentence-heads.js';

/** The folders that its `make.py` makes. */
export const EXPORTS = fileURLToPath(new URL('../../../fixtures/exports/', import.meta.url));
/** The number of values in a token's state. */
export const HIDDEN = 12;

/**
 * The results that onnxruntime computed in Python, by file, with mean pooling and normalisation.
 */
export const expectedOfExports = JSON.parse(await readFile(join(EXPORTS, 'expected.json'), 'utf8')) as Record<
  string,
  number[]
>;

/** A file of the fixtures, and its place in the folder, which is `onnx/<file>` by default. */
export type PlacedFile = string | readonly [from: string, to: string];

/**
 * Makes a model folder without config.json, with one of the heads of `sentence-heads`, whose only
 * weights are ONNX files.
 */
export async function composeExport(
  target: string,
  files: readonly PlacedFile[],
  head?: string,
): Promise<string> {
  await composeHead(target, head ?? 'flags');
  if (head === undefined) {
    const mean = { word_embedding_dimension: HIDDEN, pooling_mode: 'mean' };
    await writeFile(join(target, '1_Pooling', 'config.json'), JSON.stringify(mean));
  }
  for (const name of ['model.safetensors', 'config.json']) await rm(join(target, name));
  await mkdir(join(target, 'onnx'));
  for (const file of files) {
    const [from, to] = typeof file === 'string' ? [file, `onnx/${file}`] : file;
    await cp(join(EXPORTS, from), join(target, to));
  }
  return target;
}
