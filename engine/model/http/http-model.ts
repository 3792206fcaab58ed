import { counted } from '../../../core/counted.js';
import { ERROR_KINDS, isVectormillError, VectormillError } from '../../../core/errors.js';
import type { ModelSignature } from '../../../core/model-signature.js';
import type { ProviderSettings } from '../../../core/provider.js';
import { fingerprintOf } from '../fingerprint.js';
import type { Model, ModelSettings } from '../model.js';
import { ENDPOINT_RULE, endpointOf, spaceOf } from './endpoint.js';
import { httpEmbedder } from './http-embedder.js';
import { OPENAI_HOST, OPENAI_KEY, OPENAI_MODELS } from './openai-models.js';
import { ProviderClient, REAL_SURROUNDINGS, type Surroundings } from './provider-client.js';
import { findTokenizer } from './provider-tokenizer.js';

/** The text that a provider embeds as a check before a job starts. */
const CHECK_TEXT = 'vectormill';
/** The user waits for this check, so that there are fewer attempts than during a job. */
const CHECK_ATTEMPTS = 3;

/**
 * Returns a model behind an OpenAI-compatible `/v1/embeddings`. Its weights cannot be seen. The
 * signature therefore holds the address and the model's name, or `provider.space` in their place,
 * and the manifest's probe shows whether the weights have changed. Vectors stay as the provider
 * returns them unless `provider.normalize` is set. Where the number of dimensions is not known, the
 * provider embeds a text to find it out. Errors: USAGE for an address, a tokenizer or a token limit
 * that is missing or wrong; those of `findTokenizer` and, where the provider is asked, of
 * `ProviderClient.embed`.
 */
export async function httpModel(
  { source, provider, ...options }: ModelSettings & { provider: ProviderSettings },
  surroundings: Surroundings = REAL_SURROUNDINGS,
): Promise<Model> {
  const endpoint = endpointOf(provider.url);
  if (!endpoint) throw usage('`provider.url` is no address of a provider', `Give ${ENDPOINT_RULE}.`);
  if (options.precision !== undefined && options.precision !== 'float32')
    throw usage('a provider computes as it does, and takes no `precision`', 'Leave `precision` out.');
  if (options.file !== undefined)
    throw usage('a model that a provider runs has no `file` here', 'Leave `file` out.');
  const known = OPENAI_MODELS[source];
  const found = await findTokenizer(provider.tokenizer, source, known);
  const keyEnv = provider.keyEnv ?? (endpoint.host === OPENAI_HOST ? OPENAI_KEY : undefined);
  const client = new ProviderClient(
    { endpoint, model: source, settings: { ...provider, keyEnv }, dimensions: options.dimensions },
    surroundings,
  );
  let answered = false;
  const ask = async (expect: number | undefined) => {
    const texts = [{ text: CHECK_TEXT, tokens: CHECK_TEXT.length }];
    const { dimensions } = await client
      .embed(texts, { expect, attempts: CHECK_ATTEMPTS })
      .catch((error: unknown) => {
        throw asRefusal(error);
      });
    answered = true;
    return dimensions;
  };
  const maxTokens = options.maxTokens ?? known?.maxTokens;
  checkMaxTokens(maxTokens, source, known?.maxTokens);
  const dimensions = options.dimensions ?? provider.dimensions ?? known?.dimensions ?? (await ask(undefined));
  const signature: ModelSignature = {
    name: source,
    architecture: 'openai-embeddings',
    parameters: { space: provider.space ?? spaceOf(endpoint, source) },
    weightsSha256: null,
    tokenizerSha256: found.sha256,
    pooling: [],
    normalize: provider.normalize,
    maxTokens,
    dimensions,
    precision: 'float32',
    prompts: { query: options.prompts?.query ?? '', document: options.prompts?.document ?? '' },
  };
  return {
    signature,
    fingerprint: fingerprintOf(signature),
    location: endpoint.href,
    check: async () => {
      await found.load();
      if (!answered) await ask(dimensions);
    },
    tokenizer: found.load,
    open: async () => httpEmbedder({ signature, tokenizer: await found.load(), client, settings: provider }),
  };
}

/** Turns an error that would fail a job into one that refuses the job before it starts. */
function asRefusal(error: unknown): unknown {
  if (!isVectormillError(error) || ERROR_KINDS[error.code] !== 'failed') return error;
  const { message, component, remedy } = error;
  return new VectormillError('PROVIDER_REFUSED', message, { component, remedy });
}

function checkMaxTokens(
  maxTokens: number | undefined,
  model: string,
  most = Number.MAX_SAFE_INTEGER,
): asserts maxTokens is number {
  if (maxTokens === undefined)
    throw usage(`how many tokens ${model} takes is not known`, "Give `max_tokens`, the model's limit.");
  if (Number.isInteger(maxTokens) && maxTokens >= 1 && maxTokens <= most) return;
  throw usage(
    `a limit of ${counted(maxTokens, 'token')} does not suit ${model}`,
    `Give a whole number of tokens from 1 to ${most}.`,
  );
}

function usage(message: string, remedy: string): VectormillError {
  return new VectormillError('USAGE', message, { component: 'model', remedy });
}
