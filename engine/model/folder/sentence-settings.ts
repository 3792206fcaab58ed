import type { ModelSignature } from '../../../core/model-signature.js';
import { SIMILARITIES, type Similarity } from '../../../core/similarity.js';
import { modelInvalid, modelUnsupported } from '../model-errors.js';
import type { Configuration } from './configuration.js';

/**
 * Reads `similarity_fn_name` of config_sentence_transformers.json as sentence-transformers 6.2
 * does. Only exact names count. Anything else, such as the name of a similarity between several
 * vectors, is treated as if nothing were said.
 */
export function readSimilarity({ values }: Configuration): Pick<ModelSignature, 'similarity'> {
  const named = SIMILARITIES.find((name) => name === values.similarity_fn_name);
  return named === undefined || named === 'cosine' ? {} : { similarity: named satisfies Similarity };
}

/**
 * Refuses `truncate_dim`. With it, sentence-transformers cuts vectors after they have been brought
 * to length 1; a job's `dimensions` cuts them before that. Errors: MODEL_UNSUPPORTED.
 */
export function refuseTruncation({ file, values }: Configuration): void {
  if (values.truncate_dim != null)
    throw modelUnsupported(
      file,
      `the truncate_dim ${JSON.stringify(values.truncate_dim)} is not supported`,
      'Take it out of the file and set `dimensions` of the job or `--dimensions`, which also brings the cut vectors to length 1.',
    );
}

/**
 * Reads the prompts by the names that `encode_query` and `encode_document` of sentence-transformers
 * look for.
 */
export function readPrompts({ file, values }: Configuration): { query: string; document: string } {
  const prompts = (values.prompts ?? {}) as Record<string, unknown>;
  for (const [name, prompt] of Object.entries(prompts))
    if (typeof prompt !== 'string') throw modelInvalid(file, `the prompt "${name}" is not a string`);
  const named = (...names: readonly unknown[]) =>
    names
      .map((name) => (typeof name === 'string' ? prompts[name] : undefined))
      .find((prompt) => prompt !== undefined);
  const fallback = values.default_prompt_name;
  return {
    query: (named('query', fallback) as string | undefined) ?? '',
    document: (named('document', 'passage', 'corpus', fallback) as string | undefined) ?? '',
  };
}
