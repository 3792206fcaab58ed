import { z } from 'zod';
import { ENDPOINT_RULE, endpointOf } from '../model/http/endpoint.js';

const positive = z.int().positive();

/** The `model.provider` of a job file, as `ProviderSettings` name it. */
export const providerSchema = z
  .strictObject({
    url: z
      .string()
      .refine((url) => endpointOf(url) !== undefined, `must be ${ENDPOINT_RULE}`)
      .describe("the API's root, such as https://api.openai.com/v1, or its embeddings endpoint"),
    key_env: z
      .string()
      .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'must be the name of an environment variable, never a key itself')
      .optional()
      .describe(
        'environment variable that holds the key; OPENAI_API_KEY for api.openai.com, no key elsewhere',
      ),
    tokenizer: z
      .string()
      .min(1)
      .optional()
      .describe(
        "the model's own: a folder or a pulled model with tokenizer.json, or cl100k_base, o200k_base, p50k_base or r50k_base; known for OpenAI's models",
      ),
    space: z
      .string()
      .min(1)
      .optional()
      .describe(
        'name of the vector space, part of the fingerprint; by default the address and the model, so that another host is another space',
      ),
    dimensions: positive
      .optional()
      .describe(
        'numbers a vector has where `model.dimensions` asks for none; by default the provider is asked',
      ),
    normalize: z
      .boolean()
      .default(false)
      .describe('divide each vector by its length, part of the fingerprint'),
    max_batch_texts: positive.max(2048).default(32).describe('texts of one request'),
    max_batch_tokens: positive
      .default(32_768)
      .describe('tokens of one request; a text with more is sent alone'),
    concurrency: positive.max(256).default(4).describe('requests in flight, of each worker'),
    requests_per_minute: positive.optional().describe('limit of each worker; by default there is none'),
    tokens_per_minute: positive.optional().describe('limit of each worker; by default there is none'),
    timeout_seconds: z
      .number()
      .positive()
      .max(300)
      .default(60)
      .describe('seconds for a request and its whole answer'),
    price_per_million_tokens: z
      .number()
      .nonnegative()
      .optional()
      .describe('what the manifest computes the cost from'),
    currency: z.string().min(1).max(16).default('USD').describe('currency of the price'),
  })
  .transform((given) => ({
    url: given.url,
    keyEnv: given.key_env,
    tokenizer: given.tokenizer,
    space: given.space,
    dimensions: given.dimensions,
    normalize: given.normalize,
    maxBatchTexts: given.max_batch_texts,
    maxBatchTokens: given.max_batch_tokens,
    concurrency: given.concurrency,
    requestsPerMinute: given.requests_per_minute,
    tokensPerMinute: given.tokens_per_minute,
    timeoutSeconds: given.timeout_seconds,
    pricePerMillionTokens: given.price_per_million_tokens,
    currency: given.currency,
  }));
