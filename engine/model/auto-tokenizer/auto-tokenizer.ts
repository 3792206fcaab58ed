import { join } from 'node:path';
import { canonicalJson } from '../../../core/canonical-json.js';
import type { VectormillError } from '../../../core/errors.js';
import { fileExists } from '../../files/file-exists.js';
import { sha256 } from '../../files/hash.js';
import { type Configuration, readConfiguration, readOptionalConfiguration } from '../folder/configuration.js';
import { modelInvalid } from '../model-errors.js';
import { type Part, REBUILD } from './rebuilt-parts.js';
import { addedTokensOf, isSameTokenizer } from './same-tokenizer.js';
import { assertSettings } from './settings.js';
import { readNamedTokens } from './special-tokens.js';
import { type TokenizerClass, tokenizerClassOf } from './tokenizer-class.js';
import { addTokens, modelVocabulary } from './vocabulary-tokens.js';

/** The tokenizer of a folder as transformers loads it. */
export interface AutoTokenizer {
  /** tokenizer.json. */
  file: string;
  /**
   * The contents that tokenizer.json would have if it were complete; undefined where it is
   * complete.
   */
  values: Part | undefined;
  /** tokenizer_config.json. It has no values where the file does not exist. */
  configuration: Configuration;
  /**
   * The side on which rows are padded, and the padding token; `padId` is undefined where no token
   * is named for it.
   */
  paddingSide: unknown;
  padId: number | undefined;
}

export interface AutoTokenizerOptions {
  /** config.json. It has no values where the file does not exist. */
  model: Configuration;
  /** Whether the model reads two texts at once. */
  pairs?: boolean;
  /** Whether texts are put into lower case before anything else happens to them. */
  lowerCase?: boolean;
}

/**
 * Reads the tokenizer that `AutoTokenizer` of transformers 5.24 would make of a folder. The
 * tokenizer's class decides whether all of tokenizer.json is used or only its vocabulary.
 * tokenizer_config.json, special_tokens_map.json and added_tokens.json change the result. Errors:
 * MODEL_INVALID for a missing or damaged file, MODEL_UNSUPPORTED naming what is not supported.
 */
export async function readAutoTokenizer(
  folder: string,
  { model, pairs = false, lowerCase = false }: AutoTokenizerOptions,
): Promise<AutoTokenizer> {
  const file = join(folder, 'tokenizer.json');
  if (!(await fileExists(file))) throw tokenizerMissing(file);
  const { values: stored } = await readConfiguration(file);
  const configuration = await readOptionalConfiguration(join(folder, 'tokenizer_config.json'));
  const kind = tokenizerClassOf(configuration, model);
  assertSettings({ configuration, file, stored, kind });
  const { padId, ...loaded } = await asLoaded(folder, stored, configuration, kind);
  const values = lowerCase ? lowerCased(loaded.values) : loaded.values;
  return {
    file,
    configuration,
    values: isSameTokenizer(stored, values, pairs) ? undefined : values,
    paddingSide: configuration.values.padding_side ?? storedPaddingSide(stored),
    padId,
  };
}

/**
 * Returns the error for a folder that is older than tokenizer.json, or whose tokenizer is written
 * in Python.
 */
function tokenizerMissing(file: string): VectormillError {
  return modelInvalid(
    file,
    'the model folder lacks tokenizer.json',
    undefined,
    'Write it beside the other files: docs/models.md shows how transformers does it.',
  );
}

function storedPaddingSide({ padding }: Part): string {
  return (padding as Part | null | undefined)?.direction === 'Left' ? 'left' : 'right';
}

/**
 * Returns the SHA-256, in hex, of the file where it is complete, and otherwise of the values that
 * complete it.
 */
export async function sha256OfTokenizer(
  { file, values }: AutoTokenizer,
  sha256OfFile: (file: string) => Promise<string>,
): Promise<string> {
  return values === undefined ? sha256OfFile(file) : sha256(canonicalJson(values));
}

/** Returns the parts of tokenizer.json as the tokenizer's class makes them. */
async function asLoaded(
  folder: string,
  stored: Part,
  configuration: Configuration,
  { rebuilds }: TokenizerClass,
): Promise<{ values: Part; padId: number | undefined }> {
  const storedTokens = addedTokensOf(stored);
  const named = readNamedTokens(
    {
      configuration,
      specialTokensMap: await readOptionalConfiguration(join(folder, 'special_tokens_map.json')),
      addedTokens: await readOptionalConfiguration(join(folder, 'added_tokens.json')),
      stored: storedTokens,
    },
    rebuilds,
  );
  const vocabulary = modelVocabulary((stored.model as Part | undefined)?.vocab);
  const added = addTokens(rebuilds === undefined ? storedTokens : [], named, vocabulary, rebuilds);
  const { normalizer = null, pre_tokenizer = null, post_processor = null, model = null } = stored;
  const parts =
    rebuilds === undefined
      ? { normalizer, pre_tokenizer, post_processor, model }
      : REBUILD[rebuilds]({ settings: configuration.values, stored, roles: named.roles, added });
  const { decoder = null } = stored;
  const pad = named.roles.get('pad_token')?.content;
  return {
    values: { version: '1.0', truncation: null, padding: null, added_tokens: added, ...parts, decoder },
    padId: added.find(({ content }) => content === pad)?.id,
  };
}

/** Puts texts into lower case, as `do_lower_case` of sentence-transformers does. */
function lowerCased(tokenizer: Part): Part {
  const { normalizer } = tokenizer as { normalizer: Part | null };
  if (lowerCases(normalizer)) return tokenizer;
  const parts =
    normalizer?.type === 'Sequence' ? (normalizer.normalizers as Part[]) : normalizer ? [normalizer] : [];
  return { ...tokenizer, normalizer: { type: 'Sequence', normalizers: [{ type: 'Lowercase' }, ...parts] } };
}

/** Returns whether a normaliser puts texts into lower case. */
export function lowerCases(normalizer: unknown): boolean {
  const { type, lowercase, normalizers } = (normalizer ?? {}) as Part;
  if (Array.isArray(normalizers)) return normalizers.some(lowerCases);
  return type === 'Lowercase' || (type === 'BertNormalizer' && lowercase !== false);
}
