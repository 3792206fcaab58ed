import { POOLINGS, type Pooling } from '../../../core/model-signature.js';
import { modelInvalid, modelUnsupported } from '../model-errors.js';
import { type Configuration, readBoolean, readCount } from './configuration.js';

export interface PoolingConfiguration {
  /** The poolings, in the order in which their vectors are joined. */
  modes: readonly Pooling[];
  /** Whether a prompt's tokens take part in pooling. */
  includePrompt: boolean;
}

/** The flags of older folders, in the order in which the vectors of several poolings are joined. */
const FLAGS: Readonly<Record<string, Pooling>> = {
  pooling_mode_cls_token: 'cls',
  pooling_mode_max_tokens: 'max',
  pooling_mode_mean_tokens: 'mean',
  pooling_mode_mean_sqrt_len_tokens: 'mean_sqrt_len_tokens',
  pooling_mode_weightedmean_tokens: 'weightedmean',
  pooling_mode_lasttoken: 'lasttoken',
};

/**
 * Reads `1_Pooling/config.json`. It has either one flag for each pooling, or `pooling_mode` with
 * one name or a list. As in sentence-transformers, `pooling_mode` wins over the flags, and a file
 * with neither means the mean. Errors: MODEL_UNSUPPORTED naming a pooling or option that is not
 * supported, MODEL_INVALID for a size other than the encoder's.
 */
export function readPooling(configuration: Configuration, hiddenSize: number): PoolingConfiguration {
  const { file, values } = configuration;
  const sizeKey = 'embedding_dimension' in values ? 'embedding_dimension' : 'word_embedding_dimension';
  const size = readCount(configuration, sizeKey);
  if (size !== hiddenSize)
    throw modelInvalid(file, `"${sizeKey}" is ${size}, but the encoder's vectors have ${hiddenSize} numbers`);
  return {
    modes: readModes(configuration),
    includePrompt: readBoolean(configuration, 'include_prompt', true),
  };
}

function readModes(configuration: Configuration): readonly Pooling[] {
  const { file, values } = configuration;
  if (values.pooling_mode === undefined) return readFlags(configuration);
  const modes: readonly unknown[] = Array.isArray(values.pooling_mode)
    ? values.pooling_mode
    : [values.pooling_mode];
  if (modes.length === 0) throw modelInvalid(file, '"pooling_mode" names no pooling');
  return modes.map((mode) => {
    const known = POOLINGS.find((pooling) => pooling === mode);
    if (known) return known;
    throw modelUnsupported(file, `the pooling ${JSON.stringify(mode)} is not supported`);
  });
}

function readFlags(configuration: Configuration): readonly Pooling[] {
  for (const key of Object.keys(configuration.values))
    if (key.startsWith('pooling_mode_') && !Object.hasOwn(FLAGS, key))
      throw modelUnsupported(configuration.file, `the option ${key} is not supported`);
  const modes = Object.entries(FLAGS)
    .filter(([key]) => readBoolean(configuration, key, false))
    .map(([, mode]) => mode);
  return modes.length === 0 ? ['mean'] : modes;
}
