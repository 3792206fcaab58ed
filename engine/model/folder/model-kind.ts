import { join } from 'node:path';
import { VectormillError } from '../../../core/errors.js';
import { type Configuration, readJsonFile, readOptionalConfiguration } from './configuration.js';

/**
 * The kind of a folder's model: a cross-encoder or, as far as that shows before it is read, a model
 * that embeds.
 */
export type ModelKind = 'cross-encoder' | 'embedder';

/**
 * Returns the kind of model that sentence-transformers would make of a folder. With a
 * `modules.json`, `config_sentence_transformers.json` decides; otherwise, it is the class in
 * config.json. Errors: MODEL_INVALID for a damaged file.
 */
export async function kindOfModel(folder: string): Promise<ModelKind> {
  const isSaved = (await readJsonFile(join(folder, 'modules.json'), true)) !== undefined;
  const file = join(folder, isSaved ? 'config_sentence_transformers.json' : 'config.json');
  const configuration = await readOptionalConfiguration(file);
  const isCrossEncoder = isSaved
    ? configuration.values.model_type === 'CrossEncoder'
    : /For(SequenceClassification|CausalLM)$/.test(classNameOf(configuration) ?? '');
  return isCrossEncoder ? 'cross-encoder' : 'embedder';
}

/** Returns the first class that `architectures` of config.json names. */
export function classNameOf({ values }: Configuration): string | undefined {
  const [name] = Array.isArray(values.architectures) ? (values.architectures as unknown[]) : [];
  return typeof name === 'string' ? name : undefined;
}

/**
 * Refuses a folder that holds a model of another kind. Errors: MODEL_UNSUPPORTED, with the command
 * to use instead.
 */
export async function assertKind(folder: string, expected: ModelKind): Promise<void> {
  const found = await kindOfModel(folder);
  if (found === expected) return;
  const [message, remedy] =
    found === 'cross-encoder'
      ? [
          'the model is a cross-encoder: it scores pairs of texts and makes no vectors',
          'Use it with `vectormill rank`, and choose a model that embeds here.',
        ]
      : [
          'the model is no cross-encoder: it embeds single texts and scores no pairs',
          'Use it with `vectormill encode` or `vectormill run`, and give `rank` a folder whose config.json names a class …ForSequenceClassification.',
        ];
  throw new VectormillError('MODEL_UNSUPPORTED', message, { component: 'model', file: folder, remedy });
}
