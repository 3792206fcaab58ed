import type { ModelSignature } from '../../../core/model-signature.js';
import { SIMILARITIES, type Similarity } from '../../../core/similarity.js';
import { modelInvalid, modelUnsupported } from '../model-errors.js';
import type { Configuration } from './configuration.js';

/**
 * `similarity_fn_name` of config_sentence_transformers.json as sentence-transformers 6.2 takes it: by its exact name, and
 * anything else, such as the name of a similarity of several vectors, like none at all.
 */
export function readSimilarity({ values }: Configuration): Pick<ModelSignature, 'similarity'> {
  const named = SIMILARITIES.find((name) => name === values.similarity_fn_name);
  return named === undefined || named === 'cosine' ? {} : { similarity: named satisfies Similarity };
}

/**
 * sentence-transformers cuts vectors to `truncate_dim` after they have got length 1; `dimensions` of a job cuts them before.
 * Errors: MODEL_UNSUPPORTED.
 */
export function refuseTruncation({ file, values }: Configuration): void {
  if (values.truncate_dim != null)
    throw modelUnsupported(
      file,
      `the truncate_dim ${JSON.stringify(values.truncate_dim)} is not supported`,
      'Take it out of the file and set `dimensions` of the job or `--dimensions`, which also brings the cut vectors to length 1.',
    );
}

/** By the names that sentence-transformers' `encode_query` and `encode_document` look for. */
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
