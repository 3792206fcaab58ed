/** A provider of embeddings over HTTP, and how it is used. */
export interface ProviderSettings {
  /** The API's root or its embeddings endpoint. It holds no secret. */
  url: string;
  /**
   * A tokenizer's folder or name, or one of OpenAI's encodings. Where it is undefined, the model's
   * name decides.
   */
  tokenizer?: string | undefined;
  /** The environment variable that holds the API key. */
  keyEnv?: string | undefined;
  /**
   * The name of the vector space. Where it is undefined, the address and the model's name are used.
   */
  space?: string | undefined;
  /**
   * The number of values in a vector where no number is asked for. Where it is undefined, the
   * provider is asked.
   */
  dimensions?: number | undefined;
  /** Whether vectors are scaled to length 1. */
  normalize: boolean;
  /** The limits of one request. */
  maxBatchTexts: number;
  maxBatchTokens: number;
  /** The number of requests that one process may have in flight. */
  concurrency: number;
  /** The limits of one process. Where a field is undefined, there is none. */
  requestsPerMinute?: number | undefined;
  tokensPerMinute?: number | undefined;
  /** The longest time that a request and its answer may take. */
  timeoutSeconds: number;
  pricePerMillionTokens?: number | undefined;
  currency: string;
}

/** The cost of a version's vectors, by the tokens that the provider counted. */
export interface Cost {
  billedTokens: number;
  /** The amount in `currency`, to a millionth. Null where the job does not state the price. */
  amount: number | null;
  currency: string;
}

/** Returns the price of tokens. Those of failed and repeated requests are left out. */
export function costOf(
  billedTokens: number,
  { pricePerMillionTokens: price, currency }: Pick<ProviderSettings, 'pricePerMillionTokens' | 'currency'>,
): Cost {
  const amount = price === undefined ? null : Math.round(billedTokens * price) / 1e6;
  return { billedTokens, amount, currency };
}
