import { readdir, stat } from 'node:fs/promises';
import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import { VectormillError } from '../../../core/errors.js';
import { fileExists } from '../../files/file-exists.js';
import { readModules } from '../folder/modules.js';
import { PREFERRED_EXPORTS } from '../folder/preferred-exports.js';
import { WEIGHTS_INDEX } from '../folder/weights-file.js';
import { modelInvalid } from '../model-errors.js';

/**
 * Returns the ONNX file that a model folder is computed from: `file`, relative to the folder, or
 * the ONNX file that is there where the folder has no safetensors. Undefined where safetensors are
 * used. Errors: USAGE for a `file` that is not an ONNX file below the folder, MODEL_INVALID where
 * it does not exist, MODEL_UNSUPPORTED naming the files where there are several and none is chosen.
 */
export async function findExport(folder: string, file: string | undefined): Promise<string | undefined> {
  if (file !== undefined) return namedExport(folder, file);
  const encoder = await encoderFolder(folder);
  for (const name of ['model.safetensors', WEIGHTS_INDEX])
    if (await fileExists(join(encoder, name))) return undefined;
  const found = await exportsOf(folder, encoder);
  const preferred = PREFERRED_EXPORTS.flatMap((name) => [join(folder, name), join(encoder, name)]);
  const chosen = found.length === 1 ? found[0] : preferred.find((path) => found.includes(path));
  if (chosen !== undefined || found.length === 0) return chosen;
  const names = namesOf(folder, found);
  throw new VectormillError('MODEL_UNSUPPORTED', `${folder} holds several ONNX files: ${names}`, {
    component: 'model',
    file: folder,
    remedy: 'Name one of them: --file, or `model.file` in a job file.',
  });
}

async function namedExport(folder: string, file: string): Promise<string> {
  const path = resolve(folder, file);
  const place = relative(folder, path);
  if (isAbsolute(file) || place.startsWith('..') || !file.endsWith('.onnx'))
    throw new VectormillError('USAGE', `${JSON.stringify(file)} names no ONNX file below ${folder}`, {
      component: 'model',
      remedy: "Give the file's path from the model folder on, such as onnx/model_quantized.onnx.",
    });
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile()) return path;
  const names = namesOf(folder, await exportsOf(folder, await encoderFolder(folder)));
  throw modelInvalid(path, `the model folder lacks ${file}; its ONNX files: ${names || 'none'}`);
}

/**
 * Returns the ONNX files in the folder, in the encoder's own folder, and in an `onnx` folder of
 * either, ordered by path.
 */
async function exportsOf(folder: string, encoder: string): Promise<string[]> {
  const places = new Set([folder, encoder].flatMap((place) => [place, join(place, 'onnx')]));
  const found: string[] = [];
  for (const place of places)
    for (const name of await readdir(place).catch(() => []))
      if (name.endsWith('.onnx')) found.push(join(place, name));
  return found.sort();
}

/**
 * Returns the folder in which the weights would lie. A folder whose modules cannot be read is
 * refused later, by the code that reads the whole folder.
 */
async function encoderFolder(folder: string): Promise<string> {
  const modules = await readModules(join(folder, 'modules.json')).catch(() => undefined);
  return join(folder, modules?.transformer ?? '');
}

function namesOf(folder: string, paths: readonly string[]): string {
  return paths.map((path) => relative(folder, path).split(sep).join('/')).join(', ');
}
