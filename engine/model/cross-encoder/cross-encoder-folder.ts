import { basename, join, resolve } from 'node:path';
import { type AutoTokenizer, readAutoTokenizer } from '../auto-tokenizer/auto-tokenizer.js';
import { assertPadding } from '../auto-tokenizer/padding.js';
import { tokenizerLimit } from '../auto-tokenizer/settings.js';
import { type Configuration, readConfiguration, readCount, readJsonFile } from '../folder/configuration.js';
import { activationOf } from '../folder/layer-configuration.js';
import { assertKind, classNameOf } from '../folder/model-kind.js';
import { readSentenceConfiguration } from '../folder/sentence-configuration.js';
import { findWeights } from '../folder/weights-file.js';
import { modelInvalid, modelUnsupported } from '../model-errors.js';
import type { Architecture, Encoder } from '../onnx/architecture.js';
import { architectureOf } from '../onnx/architectures/architecture-of.js';
import { classifierOf } from '../onnx/architectures/classifier-of.js';
import type { Classifier } from '../onnx/classifier.js';

/** The contents of a cross-encoder's folder. */
export interface CrossEncoderFolder {
  /** The folder's own name. */
  name: string;
  folder: string;
  weightsFile: string;
  tokenizer: AutoTokenizer;
  architectureName: string;
  architecture: Architecture;
  encoder: Encoder;
  classifier: Classifier;
  /** The number of scores that a pair gets. */
  labels: number;
  /** The function that is applied to the logits, by the name of its PyTorch class. */
  activation: string;
  /** Whether the model gets the types of tokens. */
  tokenTypes: boolean;
  /** The folder's own limit on a pair's tokens, special tokens included. */
  maxTokens: number;
}

/**
 * Reads a folder that transformers wrote for sequence classification, with or without the files
 * that the `CrossEncoder` of sentence-transformers adds. Nothing is guessed about unknown pieces.
 * Errors: MODEL_INVALID naming the missing or damaged file; MODEL_UNSUPPORTED naming what is not
 * supported, also for a folder that holds a model of another kind.
 */
export async function readCrossEncoderFolder(path: string): Promise<CrossEncoderFolder> {
  const folder = resolve(path);
  await assertKind(folder, 'cross-encoder');
  const saved = await readSaved(folder);
  const configuration = await readConfiguration(join(folder, 'config.json'));
  const classifier = classifierOf(configuration, classNameOf(configuration) ?? '');
  const { name: architectureName, architecture } = architectureOf(configuration);
  const encoder = architecture.describe(configuration);
  const labels = readLabels(configuration);
  const weightsFile = await findWeights(folder);
  const tokenizer = await readAutoTokenizer(folder, {
    model: configuration,
    pairs: true,
    lowerCase: saved?.lowerCase ?? false,
  });
  assertPadding(tokenizer, configuration);
  return {
    name: basename(folder),
    folder,
    weightsFile,
    tokenizer,
    architectureName,
    architecture,
    encoder,
    classifier,
    labels,
    activation: saved?.activation ?? readActivation(configuration, labels),
    tokenTypes: (encoder.tokenTypes ?? 1) > 1 && readsTokenTypes(tokenizer.configuration),
    maxTokens: saved?.maxTokens ?? Math.min(tokenizerLimit(tokenizer.configuration), encoder.maxPositions),
  };
}

/**
 * Reads the files that sentence-transformers 5.4 and later add. The result is undefined for a
 * folder without `modules.json`; sentence-transformers does not read the other files of such a
 * folder.
 */
async function readSaved(folder: string) {
  const file = join(folder, 'modules.json');
  const modules = await readJsonFile(file, true);
  if (modules === undefined) return undefined;
  if (!Array.isArray(modules)) throw modelInvalid(file, 'modules.json does not hold a JSON array');
  const [first, ...others] = modules as ({ type?: unknown; path?: unknown } | null)[];
  const foreign = /^sentence_transformers\..*\bTransformer$/.test(String(first?.type)) ? others[0] : first;
  if (first == null || foreign !== undefined)
    throw modelUnsupported(file, `a cross-encoder with the module ${foreign?.type} is not supported`);
  if (first.path !== '') throw modelUnsupported(file, 'a cross-encoder below its folder is not supported');
  const { file: settingsFile, values } = await readConfiguration(
    join(folder, 'config_sentence_transformers.json'),
  );
  if (values.default_prompt_name != null)
    throw modelUnsupported(settingsFile, 'a default prompt of a cross-encoder is not supported');
  const { file: moduleFile, task, maxTokens, lowerCase } = await readSentenceConfiguration(folder, 'logits');
  if (task !== 'sequence-classification')
    throw modelUnsupported(moduleFile, `the transformer_task ${JSON.stringify(task)} is not supported`);
  return {
    activation: values.activation_fn == null ? undefined : activationOf(values.activation_fn, settingsFile),
    maxTokens,
    lowerCase,
  };
}

/**
 * Returns the number of entries of `id2label`. Where nothing is said, it is 2, transformers'
 * default.
 */
function readLabels(configuration: Configuration): number {
  const { file, values } = configuration;
  if (values.id2label == null) return values.num_labels == null ? 2 : readCount(configuration, 'num_labels');
  const labels = typeof values.id2label === 'object' ? Object.keys(values.id2label).length : 0;
  if (labels === 0) throw modelInvalid(file, '"id2label" names no label');
  return labels;
}

/**
 * Looks in the same order as sentence-transformers: its own mapping, then the key that versions
 * before 4 wrote, then the number of labels.
 */
function readActivation({ file, values }: Configuration, labels: number): string {
  const own = values.sentence_transformers as Record<string, unknown> | null | undefined;
  const path =
    own != null && typeof own === 'object' && 'activation_fn' in own
      ? own.activation_fn
      : values.sbert_ce_default_activation_function;
  if (path != null) return activationOf(path, file);
  return labels === 1 ? 'Sigmoid' : 'Identity';
}

/**
 * The tokenizer classes of transformers whose models get token types, without the ending `Fast` of
 * older names.
 */
const TYPING_TOKENIZERS = ['BertTokenizer', 'DebertaTokenizer', 'DebertaV2Tokenizer'];

/**
 * Decides as transformers 5 does: by the inputs that the file names, else by its tokenizer class.
 * Without a class, it is BERT's tokenizer.
 */
function readsTokenTypes({ values }: Configuration): boolean {
  const { model_input_names: names } = values;
  if (names != null) return Array.isArray(names) && names.includes('token_type_ids');
  return TYPING_TOKENIZERS.includes(String(values.tokenizer_class ?? 'BertTokenizer').replace(/Fast$/, ''));
}
