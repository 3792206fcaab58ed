import type { ModelSignature } from '../../core/model-signature.js';
import { SIMILARITIES, type Similarity } from '../../core/similarity.js';
import type { Configuration } from './configuration.js';

/**
 * `similarity_fn_name` of config_sentence_transformers.json as sentence-transformers 6.2 takes it: by its exact name, and
 * anything else, such as the name of a similarity of several vectors, like none at all.
 */
export function readSimilarity({ values }: Configuration): Pick<ModelSignature, 'similarity'> {
  const named = SIMILARITIES.find((name) => name === values.similarity_fn_name);
  return named === undefined || named === 'cosine' ? {} : { similarity: named satisfies Similarity };
}
