import type { Configuration } from '../folder/configuration.js';
import { modelUnsupported } from '../model-errors.js';
import type { Part } from './rebuilt-parts.js';
import type { TokenizerClass } from './tokenizer-class.js';

/** The settings in tokenizer_config.json, and the tokenizer that it describes. */
export interface Settings {
  configuration: Configuration;
  /** tokenizer.json. */
  file: string;
  stored: Part;
  kind: TokenizerClass;
}

/**
 * Refuses what tokenizer_config.json asks for and is not supported here: truncation at the left
 * end, special tokens that are split, and a file other than tokenizer.json. Errors:
 * MODEL_UNSUPPORTED.
 */
export function assertSettings({ configuration, file, stored, kind }: Settings): void {
  const { values } = configuration;
  const refuse = (key: string) => {
    throw modelUnsupported(configuration.file, `the ${key} ${JSON.stringify(values[key])} is not supported`);
  };
  const { direction } = (stored.truncation ?? {}) as Part;
  if (values.truncation_side === undefined && direction === 'Left')
    throw modelUnsupported(file, 'truncation from the left is not supported');
  if (values.truncation_side != null && values.truncation_side !== 'right') refuse('truncation_side');
  if (values.split_special_tokens) refuse('split_special_tokens');
  if (values.fast_tokenizer_files != null) refuse('fast_tokenizer_files');
  if (kind.isUnknown) for (const key of contradictions(values, stored)) refuse(key);
}

/**
 * Returns the settings of a class with unknown rules that tokenizer.json contradicts. transformers
 * would follow the class, so that such a folder is refused.
 */
function contradictions(values: Part, stored: Part): string[] {
  const parts = JSON.stringify([stored.normalizer, stored.pre_tokenizer]);
  const folds = /"type":"Lowercase"|"lowercase":true/.test(parts);
  const prefixes = /"add_prefix_space":true|"prepend_scheme":"(always|first)"/.test(parts);
  const said: readonly [key: string, found: boolean][] = [
    ['do_lower_case', folds],
    ['add_prefix_space', prefixes],
  ];
  return said
    .filter(([key, found]) => typeof values[key] === 'boolean' && values[key] !== found)
    .map(([key]) => key);
}

/** Returns the limit of tokens in tokenizer_config.json, or Infinity where it has none. */
export function tokenizerLimit({ values }: Configuration): number {
  const limit = 'model_max_length' in values ? values.model_max_length : values.max_len;
  return typeof limit === 'number' && limit > 0 ? limit : Number.POSITIVE_INFINITY;
}
