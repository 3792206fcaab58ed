import { posix } from 'node:path';
import { VectormillError } from '../../../core/errors.js';
import { PREFERRED_EXPORTS } from '../folder/preferred-exports.js';
import { WEIGHTS_INDEX } from '../folder/weights-file.js';
import { modelInvalid } from '../model-errors.js';
import type { HubFile } from './hub-files.js';

/** The files that the engine reads of a model besides weights. */
const SETTINGS =
  /^(modules|config|config_sentence_transformers|sentence_[a-z-]+_config|tokenizer|tokenizer_config|special_tokens_map|added_tokens|adapter_config)\.json$/;
const SHARD = /^model-\d+-of-\d+\.safetensors$/;
/** Formats that run code of their own when they are loaded. */
const PICKLE = /\.(bin|pt|pth|pkl|pickle|ckpt)$/;
const OTHER_WEIGHTS = /\.(gguf|h5|msgpack|onnx|safetensors|tflite|mlmodel|xml)$/;

/** The greatest number of files that a model may need. */
const MOST_FILES = 1000;

/** The files of a repository that a model is made of. */
export interface ChosenFiles {
  /** Settings and tokenizer, which say whether the model can be computed. */
  settings: readonly HubFile[];
  weights: readonly HubFile[];
}

export interface FileChoice {
  /** The repository, for the words of errors. */
  repository: string;
  /** The folders of the modules in order, the encoder's first; `''` alone without modules.json. */
  folders: readonly string[];
  /** The ONNX file that was asked for in place of safetensors. */
  file: string | undefined;
}

/**
 * Chooses what the engine opens of a repository, and nothing else: never a pickle, and never the
 * same weights in a second format. Errors: MODEL_UNSUPPORTED, naming what is there instead;
 * MODEL_INVALID for an ONNX file that is not there.
 */
export function chooseModelFiles(files: readonly HubFile[], choice: FileChoice): ChosenFiles {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const places = [...new Set(['', ...choice.folders].map(plain))];
  const settings = files.filter(({ path }) => {
    const { dir, base } = posix.parse(path);
    return places.includes(dir) && SETTINGS.test(base);
  });
  const [encoder = '', ...others] = choice.folders.map(plain);
  const weights = [
    ...weightsIn(byPath, encoder, choice),
    ...others.flatMap((folder) => layerWeights(byPath, folder, choice.repository)),
  ];
  if (settings.length + weights.length > MOST_FILES)
    throw unsupported(choice.repository, `it consists of more than ${MOST_FILES} files`);
  return { settings, weights };
}

/** Returns the ONNX files from which a model can be computed, by their paths. */
export function exportsIn(files: readonly HubFile[], folders: readonly string[]): string[] {
  const encoder = plain(folders[0] ?? '');
  const places = new Set(['', encoder].flatMap((place) => [place, posix.join(place, 'onnx')].map(plain)));
  return files
    .map(({ path }) => path)
    .filter((path) => path.endsWith('.onnx') && places.has(posix.dirname(path).replace(/^\.$/, '')))
    .sort();
}

function weightsIn(
  byPath: ReadonlyMap<string, HubFile>,
  encoder: string,
  { repository, file }: FileChoice,
): HubFile[] {
  const files = [...byPath.values()];
  const exported = exportsIn(files, [encoder]);
  if (file !== undefined) {
    if (byPath.has(file) && file.endsWith('.onnx')) return withData(byPath, file);
    throw modelInvalid(
      repository,
      `it holds no ONNX file ${file}; its ONNX files: ${exported.join(', ') || 'none'}`,
      undefined,
      'Give --file one of these paths.',
    );
  }
  const single = byPath.get(posix.join(encoder, 'model.safetensors'));
  if (single) return [single];
  const index = byPath.get(posix.join(encoder, WEIGHTS_INDEX));
  if (index)
    return [index, ...files.filter(({ path }) => isIn(path, encoder) && SHARD.test(posix.basename(path)))];
  const preferred = PREFERRED_EXPORTS.flatMap((name) => [name, posix.join(encoder, name)]);
  const chosen = exported.length === 1 ? exported[0] : preferred.find((path) => exported.includes(path));
  if (chosen !== undefined) return withData(byPath, chosen);
  if (exported.length > 0)
    throw unsupported(
      repository,
      `it holds several ONNX files: ${exported.join(', ')}`,
      'Name one of them with --file.',
    );
  throw noWeights(repository, files);
}

/** Returns an ONNX file and the files beside it that hold its large tensors. */
function withData(byPath: ReadonlyMap<string, HubFile>, path: string): HubFile[] {
  return [...byPath.values()].filter(
    (file) =>
      file.path === path || file.path.startsWith(`${path}_data`) || file.path.startsWith(`${path}.data`),
  );
}

/** Returns the weights of a module after the encoder, where it has any. */
function layerWeights(byPath: ReadonlyMap<string, HubFile>, folder: string, repository: string): HubFile[] {
  const found = byPath.get(posix.join(folder, 'model.safetensors'));
  if (found) return [found];
  const pickle = [...byPath.keys()].find((path) => isIn(path, folder) && PICKLE.test(path));
  if (pickle === undefined) return [];
  throw onlyPickle(repository, [pickle]);
}

function noWeights(repository: string, files: readonly HubFile[]): VectormillError {
  const paths = files.map(({ path }) => path);
  const pickles = paths.filter((path) => PICKLE.test(path));
  if (pickles.length > 0) return onlyPickle(repository, pickles);
  const others = paths.filter((path) => OTHER_WEIGHTS.test(path));
  return unsupported(
    repository,
    `it holds neither model.safetensors nor an ONNX file where they are looked for${others.length > 0 ? `, but ${shown(others)}` : ''}`,
  );
}

function onlyPickle(repository: string, pickles: readonly string[]): VectormillError {
  return unsupported(
    repository,
    `it holds its weights only as pickle (${shown(pickles)}), which runs whatever code is in it and is never fetched`,
    `Look among the pull requests of the repository for one that adds safetensors, and pull it as ${repository}@refs/pr/1 (its number); or load the model in Python, where you trust it, and let sentence-transformers save it as safetensors: docs/models.md says how.`,
  );
}

function unsupported(
  repository: string,
  message: string,
  remedy = 'Choose another model; docs/models.md lists what is supported.',
): VectormillError {
  return new VectormillError('MODEL_UNSUPPORTED', `${repository}: ${message}`, {
    component: 'model',
    remedy,
  });
}

function shown(paths: readonly string[]): string {
  const [first, ...others] = paths;
  return others.length > 0 ? `${first} and ${others.length} more` : `${first}`;
}

/** Returns a folder's path without `./` and without a slash at its end. */
function plain(folder: string): string {
  return posix.join(folder, '.').replace(/^\.$|\/$/g, '');
}

function isIn(path: string, folder: string): boolean {
  return plain(posix.dirname(path)) === folder;
}
