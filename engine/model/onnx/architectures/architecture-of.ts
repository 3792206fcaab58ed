import type { Configuration } from '../../folder/configuration.js';
import { modelUnsupported } from '../../model-errors.js';
import type { Architecture } from '../architecture.js';
import { BERT, ROBERTA } from './bert.js';
import { DISTILBERT } from './distilbert.js';
import { MODERNBERT } from './modernbert.js';
import { MPNET } from './mpnet.js';
import { QWEN2, QWEN3 } from './qwen.js';

/** Architectures by `model_type` of config.json. */
const ARCHITECTURES: Readonly<Record<string, Architecture>> = {
  bert: BERT,
  roberta: ROBERTA,
  'xlm-roberta': ROBERTA,
  camembert: ROBERTA,
  distilbert: DISTILBERT,
  mpnet: MPNET,
  modernbert: MODERNBERT,
  qwen2: QWEN2,
  qwen3: QWEN3,
};

/**
 * Returns the architecture of a configuration. Errors: MODEL_UNSUPPORTED naming the model type,
 * code that the model brings, or quantised weights.
 */
export function architectureOf(configuration: Configuration): { name: string; architecture: Architecture } {
  const name = configuration.values.model_type;
  if (typeof name !== 'string' || !Object.hasOwn(ARCHITECTURES, name))
    throw modelUnsupported(
      configuration.file,
      `the architecture ${JSON.stringify(name)} is not supported (supported: ${Object.keys(ARCHITECTURES).join(', ')})`,
    );
  const { auto_map: code, quantization_config: quantization } = configuration.values;
  if (code && Object.hasOwn(code, 'AutoModel'))
    throw modelUnsupported(
      configuration.file,
      'a model computed by code of its own (auto_map) is not supported',
    );
  if (quantization)
    throw modelUnsupported(
      configuration.file,
      'weights stored quantised (quantization_config) are not supported',
    );
  return { name, architecture: ARCHITECTURES[name]! };
}
