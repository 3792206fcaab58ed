import { dirname, join } from 'node:path';
import type { VectormillError } from '../../../core/errors.js';
import { fileExists } from '../../files/file-exists.js';
import { modelInvalid, modelUnsupported } from '../model-errors.js';
import { readJsonFile } from './configuration.js';

/** The folders of a model's modules, relative to the model's folder. */
export interface Modules {
  transformer: string;
  pooling: string;
  /** The modules that follow pooling, in order. */
  layers: readonly { name: 'Dense' | 'Normalize'; path: string }[];
}

/**
 * Reads `modules.json`: an encoder, a pooling, then any number of layers. Errors: MODEL_INVALID for
 * a file of another form, MODEL_UNSUPPORTED naming a module that is unknown, missing or in the
 * wrong place.
 */
export async function readModules(file: string): Promise<Modules> {
  const entries = await readJsonFile(file, true);
  if (entries === undefined) throw await modulesMissing(file);
  if (!Array.isArray(entries)) throw modelInvalid(file, 'modules.json does not hold a JSON array');
  const modules = entries.map((entry) => readModule(file, entry));
  assertNames(file, entries);
  const [transformer, pooling, ...others] = modules;
  for (const [module, name] of [
    [transformer, 'Transformer'],
    [pooling, 'Pooling'],
  ] as const)
    if (module?.name !== name)
      throw modelUnsupported(
        file,
        module
          ? `the module ${module.type} in the place of a ${name} is not supported`
          : `a model without a ${name} module is not supported`,
      );
  const layers = others.map(({ type, name, path }): Modules['layers'][number] => {
    if (name === 'Dense' || name === 'Normalize') return { name, path };
    throw modelUnsupported(file, `the module ${type} after pooling is not supported`);
  });
  return { transformer: transformer!.path, pooling: pooling!.path, layers };
}

/**
 * Refuses two modules of the same name, because sentence-transformers keeps only one of them, in
 * the place of the first. Errors: MODEL_INVALID.
 */
function assertNames(file: string, entries: readonly unknown[]): void {
  const names = entries
    .map((entry) => (entry as { name?: unknown }).name)
    .filter((name) => name !== undefined);
  const repeated = names.find((name, at) => names.indexOf(name) !== at);
  if (repeated !== undefined)
    throw modelInvalid(file, `two modules have the name ${JSON.stringify(repeated)}`);
}

/**
 * Returns the error for a folder without modules.json. A folder that transformers wrote says
 * nothing about pooling, which is never guessed.
 */
async function modulesMissing(file: string): Promise<VectormillError> {
  const folder = dirname(file);
  if (!(await fileExists(join(folder, 'config.json'))))
    return modelInvalid(
      file,
      'the folder holds no model: it has neither modules.json nor config.json',
      undefined,
      'Give the folder that holds the model; one with modules.json is what sentence-transformers writes.',
    );
  return modelInvalid(
    file,
    'the model folder lacks modules.json, so that nothing says how its tokens become one vector',
    undefined,
    'Write modules.json and 1_Pooling/config.json beside its config.json: docs/models.md shows both, and how sentence-transformers writes them.',
  );
}

function readModule(file: string, entry: unknown): { type: string; name: string | undefined; path: string } {
  const { type, path } = (entry ?? {}) as Record<string, unknown>;
  if (typeof type !== 'string' || typeof path !== 'string')
    throw modelInvalid(file, 'a module has no type or no path');
  const name = type.startsWith('sentence_transformers.') ? type.split('.').at(-1) : undefined;
  if (name === undefined || !['Transformer', 'Pooling', 'Dense', 'Normalize'].includes(name))
    throw modelUnsupported(file, `the module ${type} is not supported`);
  return { type, name, path };
}
