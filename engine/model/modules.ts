import { readJson } from './configuration.js';
import { modelInvalid, modelUnsupported } from './model-errors.js';

/** Folders of a model's modules, relative to it, by the class name that ends their type. */
export interface Modules {
  transformer: string;
  pooling: string;
  /** What follows pooling, in order. */
  layers: readonly { name: 'Dense' | 'Normalize'; path: string }[];
}

/**
 * Reads `modules.json`: an encoder, a pooling, then any number of layers.
 * Errors: MODEL_INVALID for a file of another form, MODEL_UNSUPPORTED naming a module that is unknown, missing or misplaced.
 */
export async function readModules(file: string): Promise<Modules> {
  const entries = await readJson(file);
  if (!Array.isArray(entries)) throw modelInvalid(file, 'the file does not hold a JSON array');
  const modules = entries.map((entry) => readModule(file, entry));
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

function readModule(file: string, entry: unknown): { type: string; name: string | undefined; path: string } {
  const { type, path } = (entry ?? {}) as Record<string, unknown>;
  if (typeof type !== 'string' || typeof path !== 'string')
    throw modelInvalid(file, 'a module has no type or no path');
  const name = type.startsWith('sentence_transformers.') ? type.split('.').at(-1) : undefined;
  if (name === undefined || !['Transformer', 'Pooling', 'Dense', 'Normalize'].includes(name))
    throw modelUnsupported(file, `the module ${type} is not supported`);
  return { type, name, path };
}
