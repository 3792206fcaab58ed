/** A provider of embeddings over HTTP, and how it is used. */
export interface ProviderSettings {
  /** The API's root or its embeddings endpoint; holds no secret. */
  url: string;
  /** A tokenizer's folder or name, or one of OpenAI's encodings; undefined: by the model's name. */
  tokenizer?: string | undefined;
  /** The environment variable that holds the key. */
  keyEnv?: string | undefined;
  /** Names the vector space; undefined: the address and the model's name do. */
  space?: string | undefined;
  /** Numbers a vector has where none are asked for; undefined: the provider is asked. */
  dimensions?: number | undefined;
  /** Whether vectors are divided by their length. */
  normalize: boolean;
  /** What one request may hold. */
  maxBatchTexts: number;
  maxBatchTokens: number;
  /** Requests in flight of one process. */
  concurrency: number;
  /** Limits of one process; undefined: none. */
  requestsPerMinute?: number | undefined;
  tokensPerMinute?: number | undefined;
  /** A request and its answer take no longer. */
  timeoutSeconds: number;
  pricePerMillionTokens?: number | undefined;
  currency: string;
}

/** What a version's vectors cost, as the provider counted their tokens. */
export interface Cost {
  billedTokens: number;
  /** In `currency`, to a millionth; null where the job does not say the price. */
  amount: number | null;
  currency: string;
}

/** The price of tokens, those of failed and repeated requests left out. */
export function costOf(
  billedTokens: number,
  { pricePerMillionTokens: price, currency }: Pick<ProviderSettings, 'pricePerMillionTokens' | 'currency'>,
): Cost {
  const amount = price === undefined ? null : Math.round(billedTokens * price) / 1e6;
  return { billedTokens, amount, currency };
}
