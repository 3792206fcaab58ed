import type { ModelSignature } from '../../../core/model-signature.js';
import type { ProviderSettings } from '../../../core/provider.js';
import { planRequests } from '../../../core/request-batches.js';
import type { Tokenizer } from '../../tokenizer/tokenizer.js';
import { type Embedder, type Embedding, type EmbedOptions, promptText } from '../embedder.js';
import { fingerprintOf } from '../fingerprint.js';
import { embeddingCancelled } from '../model-errors.js';
import type { CountedText, ProviderClient } from './provider-client.js';
import { namingText, shiftTextPosition } from './text-position.js';
import { truncateTexts } from './truncate-texts.js';

/** The tokens of this many texts are counted together. */
const TEXTS_PER_WINDOW = 2048;
/**
 * A request uses at most this fraction of a minute's tokens, so that they can be spread over the
 * minute.
 */
const FRACTION_OF_TOKENS_PER_MINUTE = 0.1;

/** A described model and the client that reaches it. */
export interface HttpModel {
  signature: ModelSignature;
  tokenizer: Tokenizer;
  client: ProviderClient;
  settings: Pick<ProviderSettings, 'maxBatchTexts' | 'maxBatchTokens' | 'concurrency' | 'tokensPerMinute'>;
}

/** Neighbouring texts that are sent in one request. */
interface Batch {
  texts: readonly CountedText[];
  /** The number of the batch's first text among the texts of the call. */
  start: number;
}

/**
 * Returns an embedder whose model is run by a provider. Errors: those of `ProviderClient.embed`,
 * each with the text's number.
 */
export function httpEmbedder(model: HttpModel): Embedder {
  const { signature } = model;
  return {
    signature,
    fingerprint: fingerprintOf(signature),
    close: async () => {},
    embed: (texts, options = {}) => embedAll(model, texts, options),
  };
}

/** Keeps `concurrency` requests in flight. The first request that fails ends the others. */
async function embedAll(
  model: HttpModel,
  texts: readonly string[],
  { prompt, signal, turn, onProgress }: EmbedOptions,
): Promise<Embedding> {
  await turn;
  const { signature, client, settings } = model;
  const { dimensions } = signature;
  const result = { vectors: new Float32Array(texts.length * dimensions), tokens: 0, billedTokens: 0 };
  const batches = planBatches(model, texts, promptText(signature.prompts, prompt));
  const stop = new AbortController();
  const onAbort = () => stop.abort(signal?.reason);
  signal?.addEventListener('abort', onAbort, { once: true });
  if (signal?.aborted) onAbort();
  let failure: { error: unknown } | undefined;
  const takeBatches = async () => {
    try {
      for (;;) {
        const { done, value: batch } = await batches.next();
        if (done || stop.signal.aborted) return;
        const answer = await client
          .embed(batch.texts, { expect: dimensions, signal: stop.signal })
          .catch((error: unknown) => {
            throw namingText(shiftTextPosition(error, batch.start));
          });
        result.vectors.set(answer.vectors, batch.start * dimensions);
        const tokens = batch.texts.reduce((sum, text) => sum + text.tokens, 0);
        result.tokens += tokens;
        result.billedTokens += answer.billedTokens;
        onProgress?.({ rows: batch.texts.length, tokens });
      }
    } catch (error) {
      failure ??= { error };
      stop.abort();
    }
  };
  await Promise.all(Array.from({ length: settings.concurrency }, takeBatches));
  signal?.removeEventListener('abort', onAbort);
  if (failure) throw failure.error;
  if (signal?.aborted) throw embeddingCancelled(signal.reason);
  if (signature.normalize) normalizeRows(result.vectors, dimensions);
  return { ...result, paddingTokens: 0 };
}

/**
 * Counts the tokens of one window of texts after the other, and divides the window into requests.
 */
async function* planBatches(
  { signature, tokenizer, settings }: HttpModel,
  texts: readonly string[],
  prefix: string,
): AsyncGenerator<Batch, undefined> {
  const { maxBatchTexts, maxBatchTokens, tokensPerMinute = Number.POSITIVE_INFINITY } = settings;
  const size = {
    texts: maxBatchTexts,
    tokens: Math.min(maxBatchTokens, Math.floor(tokensPerMinute * FRACTION_OF_TOKENS_PER_MINUTE)),
  };
  for (let from = 0; from < texts.length; from += TEXTS_PER_WINDOW) {
    const window = texts.slice(from, from + TEXTS_PER_WINDOW).map((text) => prefix + text);
    const counted = await truncateTexts(tokenizer, window, signature.maxTokens);
    const lengths = counted.map(({ tokens }) => tokens);
    for (const { start, end } of planRequests(lengths, size))
      yield { texts: counted.slice(start, end), start: from + start };
  }
  return undefined;
}

/** Divides each row by its length, in place. A row of zeros stays as it is. */
function normalizeRows(vectors: Float32Array, dimensions: number): void {
  for (let at = 0; at < vectors.length; at += dimensions) {
    const row = vectors.subarray(at, at + dimensions);
    const length = Math.hypot(...row);
    if (length > 0) for (const [i, value] of row.entries()) row[i] = value / length;
  }
}
