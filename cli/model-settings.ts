import { readFile } from 'node:fs/promises';
import { VectormillError } from '../core/errors.js';
import { parseModel } from '../engine/job/parse-job.js';
import type { ModelSettings } from '../engine/model/model.js';
import { modelChoice } from './model-options.js';

/**
 * Returns the model settings that an argument names. A file ending in `.yaml` or `.yml` contains
 * what a job has under `model`. Any other argument is a name or a path. Errors: MODEL_NOT_FOUND for
 * a file that cannot be read, JOB_INVALID.
 */
export async function modelSettings(named: string): Promise<ModelSettings> {
  if (!/\.ya?ml$/i.test(named)) return { source: named };
  return parseModel(await readText(named), named);
}

/**
 * Returns the model settings of an argument, in which a command's own options override the file.
 * Errors: as `modelSettings`.
 */
export async function chosenModel(
  named: string,
  options: Readonly<Record<string, unknown>>,
): Promise<ModelSettings> {
  const chosen = Object.entries(modelChoice(options)).filter(([, value]) => value !== undefined);
  return { ...(await modelSettings(named)), ...Object.fromEntries(chosen) };
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new VectormillError('MODEL_NOT_FOUND', `${file} cannot be read`, {
      component: 'cli',
      file,
      cause,
      remedy: 'Name a file that holds what a job has under `model`; docs/models.md shows one.',
    });
  }
}
