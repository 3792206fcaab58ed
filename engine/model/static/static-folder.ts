import { basename, join, resolve } from 'node:path';
import { type ModelSignature, UNLIMITED_TOKENS } from '../../../core/model-signature.js';
import { fileExists } from '../../files/file-exists.js';
import {
  type Configuration,
  readBoolean,
  readConfiguration,
  readCount,
  readJsonFile,
  readOptionalConfiguration,
} from '../folder/configuration.js';
import { SafetensorsFile, type TensorInfo } from '../folder/safetensors.js';
import { readPrompts, readSimilarity, refuseTruncation } from '../folder/sentence-settings.js';
import { findWeights } from '../folder/weights-file.js';
import { modelInvalid } from '../model-errors.js';
import { isStaticModule, readStaticModules } from './static-modules.js';
import { readVocabulary, type Vocabulary } from './vocabulary.js';

/** The library whose rules turn a text into a vector. */
export type StaticRules = 'model2vec' | 'sentence-transformers';

/** model2vec's own limit of tokens where a folder names none. */
const MODEL2VEC_TOKENS = 512;

/** The contents of a folder of static embeddings. */
export interface StaticFolder {
  /** The folder's own name. */
  name: string;
  rules: StaticRules;
  /** The folder that holds tokenizer.json. */
  tokenizerFolder: string;
  tokenizerFile: string;
  weightsFile: string;
  /** The name of the tensor `[rows, columns]`. */
  tensor: string;
  rows: number;
  columns: number;
  /** The tensor's type, as safetensors writes it. */
  storedType: string;
  vocabulary: Vocabulary;
  normalize: boolean;
  /** The folder's own limit of a text's tokens. */
  maxTokens: number;
  prompts: { query: string; document: string };
  similarity: Pick<ModelSignature, 'similarity'>;
}

/**
 * Returns whether a folder holds static embeddings, sound or damaged, in the form of model2vec or
 * of sentence-transformers.
 */
export async function isStaticFolder(folder: string): Promise<boolean> {
  const modules = await readJsonFile(join(folder, 'modules.json'), true).catch(() => null);
  if (modules !== undefined) return Array.isArray(modules) && isStaticModule(modules[0]);
  const configuration = await readJsonFile(join(folder, 'config.json'), true).catch(() => null);
  if ((configuration as Configuration['values'] | null | undefined)?.model_type === 'model2vec') return true;
  return readTensors(join(folder, 'model.safetensors')).then(
    (tensors) => tensors.has('embeddings'),
    () => false,
  );
}

/**
 * Reads a folder that model2vec wrote (`embeddings`, and possibly `weights` and `mapping`, in
 * model.safetensors, with tokenizer.json and config.json; https://github.com/MinishLab/model2vec),
 * or a sentence-transformers folder whose first module is a `StaticEmbedding` (`embedding.weight`
 * and tokenizer.json), possibly with a `Normalize` after it. Errors: MODEL_INVALID naming the
 * missing or damaged file, MODEL_UNSUPPORTED naming what is not supported.
 */
export async function readStaticFolder(folder: string): Promise<StaticFolder> {
  const root = resolve(folder);
  const modules = await readStaticModules(root);
  const tokenizerFolder = join(root, modules?.path ?? '');
  const tokenizerFile = join(tokenizerFolder, 'tokenizer.json');
  const weightsFile = await findWeights(tokenizerFolder);
  const tensors = await readTensors(weightsFile);
  const tensor = modules && tensors.has('embedding.weight') ? 'embedding.weight' : 'embeddings';
  const settings = await readOptionalConfiguration(join(root, 'config_sentence_transformers.json'));
  refuseTruncation(settings);
  const vocabulary = readVocabulary(await readConfiguration(tokenizerFile));
  const configuration = join(tokenizerFolder, 'config.json');
  const byModel2vec = !modules || (tensor === 'embeddings' && (await fileExists(configuration)));
  const model = {
    name: basename(root),
    tokenizerFolder,
    tokenizerFile,
    weightsFile,
    tensor,
    ...readShape(weightsFile, tensor, tensors),
    vocabulary,
    ...(byModel2vec
      ? readModel2vecRules(await readOptionalConfiguration(configuration))
      : readModuleRules(modules, vocabulary)),
    prompts: readPrompts(settings),
    similarity: readSimilarity(settings),
  };
  assertFits(model, tensors);
  return model;
}

type Rules = Pick<StaticFolder, 'rules' | 'normalize' | 'maxTokens'>;

function readModel2vecRules(configuration: Configuration): Rules {
  const limit = configuration.values.max_length;
  const own = limit === undefined ? MODEL2VEC_TOKENS : UNLIMITED_TOKENS;
  return {
    rules: 'model2vec',
    normalize: readBoolean(configuration, 'normalize', false),
    maxTokens: limit == null ? own : Math.min(readCount(configuration, 'max_length'), UNLIMITED_TOKENS),
  };
}

/** sentence-transformers cuts texts only where the tokenizer's file says so. */
function readModuleRules({ normalize }: { normalize: boolean }, { truncation }: Vocabulary): Rules {
  const maxTokens = Math.min(truncation ?? UNLIMITED_TOKENS, UNLIMITED_TOKENS);
  return { rules: 'sentence-transformers', normalize, maxTokens };
}

type Tensors = ReadonlyMap<string, TensorInfo>;

async function readTensors(file: string): Promise<Tensors> {
  const opened = await SafetensorsFile.open(file);
  await opened.close();
  return opened.tensors;
}

function readShape(file: string, tensor: string, tensors: Tensors) {
  const found = tensors.get(tensor);
  if (!found) throw modelInvalid(file, `the weights hold no tensor "${tensor}"`);
  const [rows = 0, columns = 0, ...others] = found.shape;
  if (rows < 1 || columns < 1 || others.length > 0)
    throw modelInvalid(file, `"${tensor}" has the shape [${found.shape.join(', ')}], not [rows, columns]`);
  return { rows, columns, storedType: found.dtype };
}

/** Checks that each token has a row and a weight. Errors: MODEL_INVALID. */
function assertFits(
  model: Pick<StaticFolder, 'weightsFile' | 'tokenizerFile' | 'rows' | 'vocabulary' | 'tensor' | 'rules'>,
  tensors: Tensors,
): void {
  const { weightsFile, tokenizerFile, rows, vocabulary, rules } = model;
  const ids = vocabulary.highestId + 1;
  const mapped = tensors.get('mapping')?.shape;
  if (mapped ? mapped[0]! < ids : rows < ids)
    throw modelInvalid(
      tokenizerFile,
      `the tokenizer has ids up to ${vocabulary.highestId}, the weights rows for only ${mapped?.[0] ?? rows}`,
    );
  // model2vec also checks the number of tokens, because a matrix of another tokenizer would give
  // vectors without a meaning.
  if (rules === 'model2vec' && !mapped && rows !== vocabulary.size)
    throw modelInvalid(
      tokenizerFile,
      `the tokenizer has ${vocabulary.size} tokens, the weights ${rows} rows`,
    );
  const weights = tensors.get('weights')?.shape;
  if (weights && weights[0]! < ids)
    throw modelInvalid(weightsFile, `"weights" holds ${weights[0]} numbers for ${ids} tokens`);
}
