import type { TiktokenEncoding } from '../../tokenizer/tiktoken-encoding.js';

/** The facts that are known about a model by its name. */
export interface KnownModel {
  encoding: TiktokenEncoding;
  dimensions: number;
  maxTokens: number;
}

const THIRD: Pick<KnownModel, 'encoding' | 'maxTokens'> = { encoding: 'cl100k_base', maxTokens: 8191 };

/** OpenAI's embedding models (https://platform.openai.com/docs/guides/embeddings). */
export const OPENAI_MODELS: Readonly<Record<string, KnownModel>> = {
  'text-embedding-3-small': { ...THIRD, dimensions: 1536 },
  'text-embedding-3-large': { ...THIRD, dimensions: 3072 },
  'text-embedding-ada-002': { ...THIRD, dimensions: 1536 },
};

/** The host of OpenAI's API. Only this host has a default environment variable for the key. */
export const OPENAI_HOST = 'api.openai.com';
export const OPENAI_KEY = 'OPENAI_API_KEY';
