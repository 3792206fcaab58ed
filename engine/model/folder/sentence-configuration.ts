import { join } from 'node:path';
import { modelUnsupported } from '../model-errors.js';
import { type Configuration, readCount, readOptionalConfiguration } from './configuration.js';

/**
 * The files in which sentence-transformers 2 to 6 look for an encoder's settings, in this order. A
 * file without values is skipped.
 */
const NAMES = ['bert', 'roberta', 'distilbert', 'camembert', 'albert', 'xlm-roberta', 'xlnet'].map(
  (name) => `sentence_${name}_config.json`,
);

/** The settings that sentence-transformers' own file gives for an encoder. */
export interface SentenceConfiguration {
  file: string;
  /** The greatest number of tokens in a row; undefined where the file does not say it. */
  maxTokens: number | undefined;
  /** Whether texts are put into lower case first. */
  lowerCase: boolean;
  /** The task of the encoder; undefined where the file does not say it. */
  task: unknown;
}

/**
 * Options for loading a model that change no number here. Weights are computed as float32, whatever
 * their type.
 */
const HARMLESS = new Set([
  'trust_remote_code',
  'torch_dtype',
  'dtype',
  'attn_implementation',
  'use_safetensors',
  'low_cpu_mem_usage',
  'use_fast',
]);

/**
 * Reads the configuration from the encoder's folder. `state` names the output of the encoder that
 * the next module reads: token states, or a classifier's logits. Errors: MODEL_INVALID,
 * MODEL_UNSUPPORTED naming a setting that is not supported.
 */
export async function readSentenceConfiguration(
  folder: string,
  state: 'last_hidden_state' | 'logits',
): Promise<SentenceConfiguration> {
  const configuration = await findConfiguration(folder);
  const { file, values } = configuration;
  const limits = ['processor_kwargs', 'tokenizer_args'].map((key) => limitIn(configuration, key));
  for (const key of ['model_kwargs', 'model_args', 'config_kwargs', 'config_args'])
    refuseKeys(configuration, key, HARMLESS);
  for (const key of [
    'processing_kwargs',
    'tokenizer_name_or_path',
    'query_length',
    'document_length',
    'query_expansion',
  ])
    if (!isEmpty(values[key])) throw refused(configuration, key);
  const text = (values.modality_config as { text?: Record<string, unknown> } | undefined)?.text;
  if (values.modality_config != null && (text?.method !== 'forward' || text.method_output_name !== state))
    throw refused(configuration, 'modality_config');
  const output = { last_hidden_state: 'token_embeddings', logits: 'scores' }[state];
  if (values.module_output_name != null && values.module_output_name !== output)
    throw refused(configuration, 'module_output_name');
  const own = values.max_seq_length == null ? undefined : readCount(configuration, 'max_seq_length');
  return {
    file,
    maxTokens: limits.find((limit) => limit !== undefined) ?? own,
    lowerCase: Boolean(values.do_lower_case),
    task: values.transformer_task,
  };
}

async function findConfiguration(folder: string): Promise<Configuration> {
  for (const name of NAMES) {
    const configuration = await readOptionalConfiguration(join(folder, name));
    if (Object.keys(configuration.values).length > 0) return configuration;
  }
  return { file: join(folder, NAMES[0]!), values: {} };
}

/**
 * Returns a limit that is passed to the tokenizer's loader, which comes before every other limit.
 */
function limitIn(configuration: Configuration, key: string): number | undefined {
  refuseKeys(configuration, key, new Set([...HARMLESS, 'model_max_length']));
  const { model_max_length: limit } = (configuration.values[key] ?? {}) as Record<string, unknown>;
  if (limit == null) return undefined;
  return readCount(
    { file: configuration.file, values: { [`${key}.model_max_length`]: limit } },
    `${key}.model_max_length`,
  );
}

function refuseKeys(configuration: Configuration, key: string, harmless: ReadonlySet<string>): void {
  const settings = configuration.values[key];
  if (isEmpty(settings)) return;
  const unknown = Object.keys(settings as object).filter((name) => !harmless.has(name));
  if (unknown.length > 0) throw refused(configuration, key);
}

function isEmpty(value: unknown): boolean {
  return value == null || (typeof value === 'object' && Object.keys(value).length === 0);
}

function refused({ file, values }: Configuration, key: string) {
  return modelUnsupported(file, `the ${key} ${JSON.stringify(values[key])} is not supported`);
}
