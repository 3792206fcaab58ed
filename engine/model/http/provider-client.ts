import { setTimeout as delay } from 'node:timers/promises';
import { backoffMs, type RetryPolicy } from '../../../core/backoff.js';
import type { ProviderSettings } from '../../../core/provider.js';
import { perMinute, RequestLimit } from '../../../core/request-limit.js';
import { retryAfterMs } from '../../../core/retry-after.js';
import { embeddingCancelled } from '../model-errors.js';
import { type PostOutcome, postJson } from './post-json.js';
import { answerInvalid, type ProviderVectors, parseBody, readAnswer } from './provider-answer.js';
import {
  type Asked,
  errorInSuccessAnswer,
  type RequestFailure,
  readKey,
  refusal,
  refusesFormat,
  unreachable,
} from './provider-errors.js';
import { shiftTextPosition, withTextPosition } from './text-position.js';

/**
 * These waits add up to about a minute on average, where the provider does not say how long to
 * wait.
 */
const RETRY: RetryPolicy = { attempts: 9, baseMs: 500, capMs: 30_000 };
/** If a provider asks for a longer wait, it is asked again after this time. */
const LONGEST_WAIT_MS = 10 * 60_000;
/**
 * A body that is not JSON may be a proxy's mistake, so that a few attempts are made. A wrong
 * address returns such a page every time.
 */
const GARBLED_ATTEMPTS = 3;
/**
 * The room in an answer for each number, written out in full. The constant below is the room for
 * everything else.
 */
const BYTES_PER_NUMBER = 40;
const OTHER_BYTES = 1 << 20;
/** The greatest number of dimensions of a vector while it is not known yet. */
const MAX_DIMENSIONS = 1 << 16;

/** Clock, waiting, chance and environment, which tests replace. */
export interface Surroundings {
  /** Returns the time in ms since the epoch. */
  now(): number;
  /** Waits. Rejects when the signal fires. */
  sleep(ms: number, signal: AbortSignal | undefined): Promise<void>;
  /** Returns a random number, uniform in [0, 1). */
  random(): number;
  environment: NodeJS.ProcessEnv;
}

export const REAL_SURROUNDINGS: Surroundings = {
  now: Date.now,
  sleep: async (ms, signal) => delay(ms, undefined, signal ? { signal } : {}),
  random: Math.random,
  environment: process.env,
};

/** A text as it is sent, with its number of tokens by the model's own tokenizer. */
export interface CountedText {
  text: string;
  tokens: number;
}

export interface ClientOptions {
  endpoint: URL;
  model: string;
  settings: Pick<ProviderSettings, 'keyEnv' | 'requestsPerMinute' | 'tokensPerMinute' | 'timeoutSeconds'>;
  /**
   * The number that is passed to the provider. If it is undefined, the provider returns all
   * dimensions that it has.
   */
  dimensions: number | undefined;
}

export interface RequestOptions {
  /**
   * The number of values that each vector must have. If it is undefined, any number will do, but
   * all vectors must have the same.
   */
  expect: number | undefined;
  signal?: AbortSignal | undefined;
  /** A request is made at most this many times. */
  attempts?: number;
}

/** Makes requests within the limits, and repeats those that may succeed later. */
export class ProviderClient {
  readonly #options: ClientOptions;
  readonly #surroundings: Surroundings;
  readonly #limit: RequestLimit;
  /**
   * Whether a request asks for a format. It does until the server refuses the field; answers are
   * read in either format.
   */
  #asksFormat = true;

  constructor(options: ClientOptions, surroundings: Surroundings) {
    const { requestsPerMinute, tokensPerMinute } = options.settings;
    this.#options = options;
    this.#surroundings = surroundings;
    this.#limit = new RequestLimit([
      ...(requestsPerMinute === undefined ? [] : perMinute('requests', requestsPerMinute)),
      ...(tokensPerMinute === undefined ? [] : perMinute('tokens', tokensPerMinute)),
    ]);
  }

  /**
   * Embeds texts, at least one, by one request, or by several requests of fewer texts where the
   * provider refuses to take them together. `billedTokens` is the client's own count where the
   * provider gives none. Errors: PROVIDER_DENIED, PROVIDER_REFUSED, PROVIDER_INVALID,
   * PROVIDER_UNAVAILABLE, VECTOR_INVALID, CANCELLED; `position` is a text's number.
   */
  async embed(
    texts: readonly CountedText[],
    options: RequestOptions,
  ): Promise<ProviderVectors & { billedTokens: number }> {
    const outcome = await this.#request(texts, options);
    if (!('error' in outcome)) return { ...outcome, billedTokens: outcome.billedTokens ?? tokensOf(texts) };
    if (!outcome.divisible) throw outcome.error;
    if (texts.length === 1) throw withTextPosition(outcome.error, 0);
    const middle = texts.length >> 1;
    const first = await this.embed(texts.slice(0, middle), options);
    const { dimensions } = first;
    const second = await this.embed(texts.slice(middle), { ...options, expect: dimensions }).catch(
      (error: unknown) => {
        throw shiftTextPosition(error, middle);
      },
    );
    const vectors = new Float32Array(texts.length * dimensions);
    vectors.set(first.vectors);
    vectors.set(second.vectors, first.vectors.length);
    return { vectors, dimensions, billedTokens: first.billedTokens + second.billedTokens };
  }

  async #request(
    texts: readonly CountedText[],
    { expect, signal, attempts = RETRY.attempts }: RequestOptions,
  ): Promise<ProviderVectors | RequestFailure> {
    for (let failures = 1; ; failures += 1) {
      await this.#waitForTurn(tokensOf(texts), signal);
      const outcome = await this.#postInFormat(texts, expect, signal);
      const result = this.#judge(outcome, texts, { expect, failures });
      if (!('error' in result) || !result.retryable || failures >= attempts) return result;
      await this.#waitAfter(failures, outcome, signal);
    }
  }

  /** Repeats the request without a format where the server refuses that field. */
  async #postInFormat(
    texts: readonly CountedText[],
    expect: number | undefined,
    signal: AbortSignal | undefined,
  ): Promise<PostOutcome> {
    const asked = this.#asksFormat;
    const outcome = await this.#post(texts, expect, signal);
    if (!asked || outcome.kind !== 'answer' || !refusesFormat(outcome.status, outcome.text)) return outcome;
    this.#asksFormat = false;
    await this.#waitForTurn(tokensOf(texts), signal);
    return this.#post(texts, expect, signal);
  }

  #post(
    texts: readonly CountedText[],
    expect: number | undefined,
    signal: AbortSignal | undefined,
  ): Promise<PostOutcome> {
    const { endpoint, model, dimensions, settings } = this.#options;
    const body = {
      model,
      input: texts.map(({ text }) => text),
      ...(this.#asksFormat ? { encoding_format: 'float' } : {}),
      ...(dimensions === undefined ? {} : { dimensions }),
    };
    return postJson(endpoint, {
      key: readKey(settings.keyEnv, this.#surroundings.environment),
      body: JSON.stringify(body),
      timeoutMs: 1000 * settings.timeoutSeconds,
      maxBytes: OTHER_BYTES + texts.length * (expect ?? MAX_DIMENSIONS) * BYTES_PER_NUMBER,
      signal,
    });
  }

  #judge(
    outcome: PostOutcome,
    texts: readonly CountedText[],
    { expect, failures }: { expect: number | undefined; failures: number },
  ): ProviderVectors | RequestFailure {
    const { endpoint, model, settings } = this.#options;
    const asked: Asked = {
      endpoint,
      model,
      keyEnv: settings.keyEnv,
      key: readKey(settings.keyEnv, this.#surroundings.environment),
      texts: texts.map(({ text }) => text),
    };
    if (outcome.kind === 'lost') return unreachable(outcome.reason, asked);
    if (outcome.kind === 'too-large') throw answerInvalid('it is far longer than the vectors can be');
    const answer = parseBody(outcome.text);
    if (outcome.status < 200 || outcome.status > 299) return refusal(outcome.status, answer, asked);
    if (answer === undefined) {
      const error = answerInvalid('it is not JSON');
      return { error, retryable: failures < GARBLED_ATTEMPTS, divisible: false };
    }
    const refused = errorInSuccessAnswer(answer, asked);
    return refused ?? readAnswer(answer, { rows: texts.length, dimensions: expect });
  }

  async #waitForTurn(tokens: number, signal: AbortSignal | undefined): Promise<void> {
    const now = this.#surroundings.now();
    await this.#sleep(this.#limit.reserve(now, tokens) - now, signal);
  }

  /**
   * Waits as long as the provider asks for, and then for a random time. The first wait also holds
   * back all other requests.
   */
  async #waitAfter(failures: number, outcome: PostOutcome, signal: AbortSignal | undefined): Promise<void> {
    const { now, random } = this.#surroundings;
    const headers = outcome.kind === 'answer' ? outcome.headers : undefined;
    const asked = retryAfterMs(
      {
        retryAfter: headers?.get('retry-after') ?? null,
        retryAfterMs: headers?.get('retry-after-ms') ?? null,
      },
      now(),
    );
    const wait = Math.min(asked ?? 0, LONGEST_WAIT_MS);
    this.#limit.holdUntil(now() + wait);
    await this.#sleep(wait + backoffMs(failures, RETRY, random), signal);
  }

  async #sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
    if (signal?.aborted) throw embeddingCancelled(signal.reason);
    if (ms <= 0) return;
    await this.#surroundings.sleep(ms, signal).catch((error: unknown) => {
      throw signal?.aborted ? embeddingCancelled(signal.reason) : error;
    });
  }
}

function tokensOf(texts: readonly CountedText[]): number {
  return texts.reduce((sum, { tokens }) => sum + tokens, 0);
}
