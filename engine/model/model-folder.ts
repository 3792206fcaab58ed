import { access } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import type { Pooling } from '../../core/model-signature.js';
import {
  type Configuration,
  readConfiguration,
  readCount,
  readJson,
  readOptionalConfiguration,
} from './configuration.js';
import { modelInvalid, modelUnsupported } from './model-errors.js';
import { type Architecture, architectureOf, type Encoder } from './onnx/architecture.js';
import { readPooling } from './pooling-configuration.js';

/** What a sentence-transformers folder says. */
export interface ModelFolder {
  /** The folder's own name. */
  name: string;
  /** Where the encoder, its configuration and the tokenizer lie. */
  encoderFolder: string;
  weightsFile: string;
  tokenizerFile: string;
  architectureName: string;
  architecture: Architecture;
  encoder: Encoder;
  pooling: readonly Pooling[];
  normalize: boolean;
  /** The folder's own limit on a row's tokens, special tokens included. */
  maxTokens: number;
  prompts: { query: string; document: string };
}

/** Modules this version computes, in the one order it computes them, by the class name that ends their type. */
const MODULE_ORDER = ['Transformer', 'Pooling', 'Normalize'] as const;
type ModuleName = (typeof MODULE_ORDER)[number];

/**
 * Reads the folder that sentence-transformers writes, of version 2 to 6
 * (https://sbert.net/docs/sentence_transformer/usage/custom_models.html). Nothing is assumed for a missing or unknown piece.
 * Errors: MODEL_INVALID naming the missing or damaged file, MODEL_UNSUPPORTED naming what is not supported.
 */
export async function readModelFolder(folder: string): Promise<ModelFolder> {
  const root = resolve(folder);
  const modules = await readModules(join(root, 'modules.json'));
  const encoderFolder = join(root, modules.get('Transformer') ?? '');
  const configuration = await readConfiguration(join(encoderFolder, 'config.json'));
  const { name: architectureName, architecture } = architectureOf(configuration);
  const encoder = architecture.describe(configuration);
  const poolingFile = join(root, modules.get('Pooling')!, 'config.json');
  const files = await findFiles(encoderFolder);
  return {
    name: basename(root),
    encoderFolder,
    ...files,
    architectureName,
    architecture,
    encoder,
    pooling: readPooling(await readConfiguration(poolingFile), encoder.hiddenSize),
    normalize: modules.has('Normalize'),
    maxTokens: await readMaxTokens(encoderFolder, files.tokenizerFile, encoder.maxPositions),
    prompts: readPrompts(await readOptionalConfiguration(join(root, 'config_sentence_transformers.json'))),
  };
}

/** The path of each module, by name. */
async function readModules(file: string): Promise<Map<ModuleName, string>> {
  const entries = await readJson(file);
  if (!Array.isArray(entries)) throw modelInvalid(file, 'the file does not hold a JSON array');
  const modules = new Map<ModuleName, string>();
  let next = 0;
  for (const entry of entries) {
    const { type, path } = (entry ?? {}) as Record<string, unknown>;
    if (typeof type !== 'string' || typeof path !== 'string')
      throw modelInvalid(file, 'a module has no type or no path');
    const at = MODULE_ORDER.findIndex(
      (name) => type.startsWith('sentence_transformers.') && type.endsWith(`.${name}`),
    );
    if (at === -1) throw modelUnsupported(file, `the module ${type} is not supported`);
    if (at < next) throw modelUnsupported(file, `the module ${type} in this place is not supported`);
    modules.set(MODULE_ORDER[at]!, path);
    next = at + 1;
  }
  for (const name of MODULE_ORDER.slice(0, 2))
    if (!modules.has(name)) throw modelUnsupported(file, `a model without a ${name} module is not supported`);
  return modules;
}

async function findFiles(folder: string): Promise<{ weightsFile: string; tokenizerFile: string }> {
  const weightsFile = join(folder, 'model.safetensors');
  if (!(await exists(weightsFile)))
    for (const other of ['model.safetensors.index.json', 'pytorch_model.bin'])
      if (await exists(join(folder, other)))
        throw modelUnsupported(
          join(folder, other),
          `weights as ${other} are not supported, only model.safetensors`,
        );
  const tokenizerFile = join(folder, 'tokenizer.json');
  for (const file of [weightsFile, tokenizerFile])
    if (!(await exists(file))) throw modelInvalid(file, `the model folder lacks ${basename(file)}`);
  return { weightsFile, tokenizerFile };
}

/** As sentence-transformers does: the folder's own limit, else the tokenizer's, but never more than there are positions. */
async function readMaxTokens(folder: string, tokenizerFile: string, positions: number): Promise<number> {
  const module = await readOptionalConfiguration(join(folder, 'sentence_bert_config.json'));
  const { do_lower_case: lowerCase, transformer_task: task, module_output_name: output } = module.values;
  if (lowerCase && !(await lowerCases(tokenizerFile)))
    throw modelUnsupported(module.file, 'do_lower_case with a tokenizer that keeps case is not supported');
  if (task !== undefined && task !== 'feature-extraction')
    throw modelUnsupported(module.file, `the transformer_task ${JSON.stringify(task)} is not supported`);
  if (output !== undefined && output !== 'token_embeddings')
    throw modelUnsupported(module.file, `the module_output_name ${JSON.stringify(output)} is not supported`);
  if (module.values.max_seq_length != null) {
    const limit = readCount(module, 'max_seq_length');
    if (limit > positions)
      throw modelInvalid(module.file, `max_seq_length ${limit} exceeds the model's ${positions} positions`);
    return limit;
  }
  const tokenizer = await readOptionalConfiguration(join(folder, 'tokenizer_config.json'));
  const limit = tokenizer.values.model_max_length;
  return typeof limit === 'number' && limit > 0 ? Math.min(limit, positions) : positions;
}

async function lowerCases(tokenizerFile: string): Promise<boolean> {
  const { values } = await readConfiguration(tokenizerFile);
  return (values.normalizer as { lowercase?: unknown } | null | undefined)?.lowercase === true;
}

/** By the names that sentence-transformers' `encode_query` and `encode_document` look for. */
function readPrompts({ file, values }: Configuration): { query: string; document: string } {
  const prompts = (values.prompts ?? {}) as Record<string, unknown>;
  for (const [name, prompt] of Object.entries(prompts))
    if (typeof prompt !== 'string') throw modelInvalid(file, `the prompt "${name}" is not a string`);
  const named = (...names: readonly unknown[]) =>
    names
      .map((name) => (typeof name === 'string' ? prompts[name] : undefined))
      .find((prompt) => prompt !== undefined);
  const fallback = values.default_prompt_name;
  return {
    query: (named('query', fallback) as string | undefined) ?? '',
    document: (named('document', 'passage', 'corpus', fallback) as string | undefined) ?? '',
  };
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
