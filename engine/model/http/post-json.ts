import { isVectormillError } from '../../../core/errors.js';
import { fetchByProxy, reasonOfFailure } from '../fetch-by-proxy.js';
import { embeddingCancelled } from '../model-errors.js';

/** The outcome of a request. */
export type PostOutcome =
  | { kind: 'answer'; status: number; headers: Headers; text: string }
  /** The answer was longer than `maxBytes`, and was not read further. */
  | { kind: 'too-large' }
  /** No complete answer came. `reason` holds nothing of what was sent or received. */
  | { kind: 'lost'; reason: string };

export interface PostOptions {
  key: string | undefined;
  body: string;
  /** The time for the request and for the whole answer. */
  timeoutMs: number;
  /** The greatest size of the answer's body after decompression. */
  maxBytes: number;
  signal: AbortSignal | undefined;
}

/**
 * Sends JSON and reads the whole answer. A redirect is an answer like any other, because following
 * it would send the key elsewhere. Errors: CANCELLED; SETTING_INVALID as `fetchByProxy`.
 */
export async function postJson(url: URL, options: PostOptions): Promise<PostOutcome> {
  const { key, body, timeoutMs, maxBytes, signal } = options;
  const stop = new AbortController();
  const onAbort = () => stop.abort();
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    stop.abort();
  }, timeoutMs);
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    if (signal?.aborted) throw embeddingCancelled(signal.reason);
    const response = await fetchByProxy(url, {
      method: 'POST',
      redirect: 'manual',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json',
        ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
      },
      body,
      signal: stop.signal,
    });
    const text = await readText(response, maxBytes);
    if (text === undefined) return { kind: 'too-large' };
    return { kind: 'answer', status: response.status, headers: response.headers, text };
  } catch (error) {
    if (signal?.aborted) throw embeddingCancelled(signal.reason);
    if (isVectormillError(error)) throw error;
    return {
      kind: 'lost',
      reason: timedOut ? `no whole answer within ${timeoutMs / 1000} s` : reasonOfFailure(error, url),
    };
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
  }
}

/**
 * Returns the text of a response; undefined if it is longer than `maxBytes`. The rest is not read.
 */
async function readText(response: Response, maxBytes: number): Promise<string | undefined> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of response.body ?? []) {
    bytes += piece.byteLength;
    // Leaving the loop cancels the body and closes the connection.
    if (bytes > maxBytes) return undefined;
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}
