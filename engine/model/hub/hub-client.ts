import { setTimeout as delay } from 'node:timers/promises';
import { backoffMs, type RetryPolicy } from '../../../core/backoff.js';
import { isVectormillError } from '../../../core/errors.js';
import type { HubName } from '../../../core/model-lock.js';
import { connectionCode } from '../connection-code.js';
import { fetchByProxy, reasonOfFailure } from '../fetch-by-proxy.js';
import { type HubRequest, HubUnavailable, hubRefusal } from './hub-errors.js';
import { addressOfHub, type HubSettings } from './hub-settings.js';

/** A redirect to the network that holds large files, or to the new name of a repository. */
const REDIRECTS = 5;
/** The longest wait that the hub may ask for, in ms. After a longer one, the call fails at once. */
const LONGEST_WAIT_MS = 5 * 60_000;

/** The client's waits, in ms, and the number of its attempts. */
export interface HubPatience {
  /** For the beginning of an answer. */
  answerMs: number;
  /** For the next bytes of an answer. */
  silenceMs: number;
  retry: RetryPolicy;
}

export const PATIENCE: HubPatience = {
  answerMs: 15_000,
  silenceMs: 60_000,
  retry: { attempts: 6, baseMs: 1000, capMs: 30_000 },
};

/** An answer that is read piece by piece. */
export interface HubAnswer {
  status: number;
  /** The headers of the hub's own answer, the first one, and of the last one after redirects. */
  first: Headers;
  headers: Headers;
  /** The body. Errors: HUB_UNAVAILABLE where it ends too early or nothing comes for long. */
  body: AsyncIterable<Uint8Array>;
}

/** Makes requests to a hub about one model. */
export class HubClient {
  readonly #settings: HubSettings;
  readonly #patience: HubPatience;
  readonly #name: HubName;
  readonly #log: (line: string) => void;

  constructor(
    settings: HubSettings,
    name: HubName,
    { patience = PATIENCE, log = () => {} }: { patience?: HubPatience; log?: (line: string) => void } = {},
  ) {
    this.#settings = settings;
    this.#patience = patience;
    this.#name = name;
    this.#log = log;
  }

  get retry(): RetryPolicy {
    return this.#patience.retry;
  }

  /**
   * Calls `attempt` until it succeeds, as often as the policy allows without progress, and waits as
   * long as the hub asks for. `attempt` returns or throws; `hasProgressed` says whether a failed
   * call has brought any bytes. Errors: the last HUB_UNAVAILABLE, and all others at once.
   */
  async withRetries<T>(attempt: () => Promise<T>, hasProgressed: () => boolean = () => false): Promise<T> {
    const { retry } = this.#patience;
    for (let failures = 1; ; failures += 1) {
      try {
        return await attempt();
      } catch (error) {
        if (!(error instanceof HubUnavailable)) throw error;
        if (hasProgressed()) failures = 1;
        if (failures >= retry.attempts || error.waitMs > LONGEST_WAIT_MS) throw error;
        const wait = error.waitMs + backoffMs(failures, retry, Math.random);
        this.#log(`${error.message}; trying again in ${Math.ceil(wait / 1000)} s`);
        await delay(wait);
      }
    }
  }

  /**
   * Asks once for a path below the endpoint. The token goes to the endpoint's own host only, and
   * redirects are followed without it. Errors: HUB_UNAVAILABLE; for other statuses than 200, 206
   * and 416, those of `hubRefusal`.
   */
  async get(path: string, headers: Readonly<Record<string, string>> = {}): Promise<HubAnswer> {
    const { endpoint } = this.#settings;
    const token = await this.#settings.token();
    const request: HubRequest = {
      ...this.#name,
      endpoint: addressOfHub(this.#settings),
      tokenFrom: token?.from,
    };
    if (this.#settings.isOffline) throw new HubUnavailable(request, 'HF_HUB_OFFLINE forbids to ask it');
    let url = new URL(`${addressOfHub(this.#settings)}${path}`);
    let first: Headers | undefined;
    for (let redirects = 0; ; redirects += 1) {
      const isOwn = url.origin === endpoint.origin;
      const { response, stop } = await this.#fetch(request, url, {
        ...headers,
        ...(isOwn && token && { authorization: `Bearer ${token.value}` }),
      });
      first ??= response.headers;
      const { status } = response;
      if (status >= 300 && status < 400 && response.headers.has('location')) {
        stop();
        url = redirected(request, url, response.headers.get('location')!);
        if (redirects < REDIRECTS) continue;
        throw new HubUnavailable(request, `it redirects more than ${REDIRECTS} times`);
      }
      if (status === 200 || status === 206 || status === 416)
        return { status, first, headers: response.headers, body: this.#read(request, response, stop) };
      stop();
      throw hubRefusal(request, status, response.headers);
    }
  }

  async #fetch(request: HubRequest, url: URL, headers: Readonly<Record<string, string>>) {
    const controller = new AbortController();
    const timer = setTimeout(() => controller.abort(), this.#patience.answerMs);
    try {
      const response = await fetchByProxy(url, {
        redirect: 'manual',
        headers: { 'user-agent': 'vectormill', 'accept-encoding': 'identity', ...headers },
        signal: controller.signal,
      });
      return { response, stop: () => controller.abort() };
    } catch (error) {
      if (isVectormillError(error)) throw error;
      const reason = controller.signal.aborted
        ? `no answer in ${this.#patience.answerMs / 1000} s`
        : reasonOfFailure(error, url);
      throw new HubUnavailable(
        request,
        url.host === this.#settings.endpoint.host ? reason : `${url.host}: ${reason}`,
      );
    } finally {
      clearTimeout(timer);
    }
  }

  async *#read(request: HubRequest, response: Response, stop: () => void): AsyncGenerator<Uint8Array> {
    const { silenceMs } = this.#patience;
    let isSilent = false;
    const timer = setTimeout(() => {
      isSilent = true;
      stop();
    }, silenceMs);
    try {
      for await (const piece of response.body ?? []) {
        timer.refresh();
        yield piece;
      }
    } catch (error) {
      throw new HubUnavailable(
        request,
        isSilent
          ? `nothing came for ${silenceMs / 1000} s`
          : `the download broke off (${connectionCode(error)})`,
      );
    } finally {
      clearTimeout(timer);
      stop();
    }
  }
}

/** Returns the address that a redirect leads to. Its query may be a key, and is never shown. */
function redirected(request: HubRequest, from: URL, location: string): URL {
  const to = URL.canParse(location, from.href) ? new URL(location, from) : undefined;
  const isSafe = to?.protocol === 'https:' || (to?.protocol === 'http:' && from.protocol === 'http:');
  if (to && isSafe) return to;
  throw new HubUnavailable(request, 'it redirects to an address that cannot be used');
}
