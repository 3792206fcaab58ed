import { POOLINGS, type Pooling } from '../../core/model-signature.js';
import { type Configuration, readCount } from './configuration.js';
import { modelInvalid, modelUnsupported } from './model-errors.js';

/** The flags of older folders, in the order in which the vectors of several poolings are joined. */
const FLAGS: Readonly<Record<string, string>> = {
  pooling_mode_cls_token: 'cls',
  pooling_mode_max_tokens: 'max',
  pooling_mode_mean_tokens: 'mean',
  pooling_mode_mean_sqrt_len_tokens: 'mean_sqrt_len_tokens',
  pooling_mode_weightedmean_tokens: 'weightedmean',
  pooling_mode_lasttoken: 'lasttoken',
};

/**
 * Reads `1_Pooling/config.json`, with one flag a pooling or with `pooling_mode`.
 * Errors: MODEL_UNSUPPORTED naming a pooling or option that is not computed, MODEL_INVALID for a size other than the encoder's.
 */
export function readPooling(configuration: Configuration, hiddenSize: number): readonly Pooling[] {
  const { file, values } = configuration;
  const sizeKey = 'embedding_dimension' in values ? 'embedding_dimension' : 'word_embedding_dimension';
  const size = readCount(configuration, sizeKey);
  if (size !== hiddenSize)
    throw modelInvalid(file, `"${sizeKey}" is ${size}, but the encoder's vectors have ${hiddenSize} numbers`);
  if (values.include_prompt === false)
    throw modelUnsupported(
      file,
      'pooling that leaves the prompt out (include_prompt: false) is not supported',
    );
  const modes = readModes(configuration);
  if (modes.length === 0) throw modelUnsupported(file, 'a model that names no pooling is not supported');
  for (const mode of modes)
    if (!isPooling(mode))
      throw modelUnsupported(file, `the pooling ${JSON.stringify(mode)} is not supported`);
  return modes as readonly Pooling[];
}

function readModes({ file, values }: Configuration): readonly unknown[] {
  if (values.pooling_mode !== undefined)
    return Array.isArray(values.pooling_mode) ? values.pooling_mode : [values.pooling_mode];
  for (const key of Object.keys(values))
    if (key.startsWith('pooling_mode_') && !Object.hasOwn(FLAGS, key))
      throw modelUnsupported(file, `the option ${key} is not supported`);
  return Object.keys(FLAGS)
    .filter((key) => values[key] === true)
    .map((key) => FLAGS[key]);
}

function isPooling(mode: unknown): mode is Pooling {
  return POOLINGS.some((pooling) => pooling === mode);
}
