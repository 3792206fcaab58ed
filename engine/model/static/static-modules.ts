import { join } from 'node:path';
import { readJsonFile } from '../folder/configuration.js';
import { readNormalize } from '../folder/layer-configuration.js';
import { modelInvalid, modelUnsupported } from '../model-errors.js';

/** The facts that modules.json states about a model of static embeddings. */
export interface StaticModules {
  /** The folder of the embeddings, relative to the model's folder. */
  path: string;
  normalize: boolean;
}

/**
 * Returns whether an entry of modules.json is the `StaticEmbedding` of sentence-transformers, by
 * its class path in any version.
 */
export function isStaticModule(entry: unknown): boolean {
  const { type } = (entry ?? {}) as Record<string, unknown>;
  return typeof type === 'string' && /^sentence_transformers\.(\w+\.)*StaticEmbedding$/.test(type);
}

/**
 * Reads `modules.json`: a `StaticEmbedding`, and possibly a `Normalize` after it. Returns undefined
 * where there is no such file. Errors: MODEL_INVALID for a file of another form, MODEL_UNSUPPORTED
 * naming another module.
 */
export async function readStaticModules(root: string): Promise<StaticModules | undefined> {
  const file = join(root, 'modules.json');
  const entries = await readJsonFile(file, true);
  if (entries === undefined) return undefined;
  if (!Array.isArray(entries)) throw modelInvalid(file, 'modules.json does not hold a JSON array');
  const modules = entries.map((entry) => {
    const { type, path } = (entry ?? {}) as Record<string, unknown>;
    if (typeof type !== 'string' || typeof path !== 'string')
      throw modelInvalid(file, 'a module has no type or no path');
    return { type, path };
  });
  const [embedding, ...layers] = modules;
  if (!embedding || !isStaticModule(embedding))
    throw modelInvalid(file, 'the first module is no StaticEmbedding');
  for (const { type, path } of layers) {
    if (!/^sentence_transformers\.(\w+\.)*Normalize$/.test(type))
      throw modelUnsupported(file, `the module ${type} after StaticEmbedding is not supported`);
    await readNormalize(join(root, path));
  }
  return { path: embedding.path, normalize: layers.length > 0 };
}
