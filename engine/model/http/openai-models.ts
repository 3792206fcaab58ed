import type { TiktokenEncoding } from '../../tokenizer/tiktoken-encoding.js';

/** What is known of a model by its name. */
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

/** Where OpenAI serves its API; the one host that gets a key without being told which. */
export const OPENAI_HOST = 'api.openai.com';
export const OPENAI_KEY = 'OPENAI_API_KEY';
