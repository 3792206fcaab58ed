import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { VectormillError } from '../../../core/errors.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** The hub's place and token, as the environment has them under the names that its tools read. */
export interface HubSettings {
  endpoint: URL;
  /** The folder of the cache that the hub's own tools share. It may not exist. */
  cache: string;
  /** True where no request may be made. */
  isOffline: boolean;
  /** Reads the token. Undefined where there is none. It is for the endpoint's own host only. */
  token(): Promise<HubToken | undefined>;
}

export interface HubToken {
  value: string;
  /** The variable or the file that holds it. */
  from: string;
}

/**
 * Reads `HF_ENDPOINT`, `HF_HUB_CACHE`, `HF_HOME`, `HF_HUB_OFFLINE`, `HF_TOKEN` and `HF_TOKEN_PATH`.
 * Errors: SETTING_INVALID for an address that cannot be used.
 */
export function hubSettings(environment: Environment = process.env): HubSettings {
  const home = expand(
    environment.HF_HOME || join(environment.XDG_CACHE_HOME || join(homedir(), '.cache'), 'huggingface'),
  );
  return {
    endpoint: endpointFrom(environment.HF_ENDPOINT || 'https://huggingface.co'),
    cache: expand(environment.HF_HUB_CACHE || environment.HUGGINGFACE_HUB_CACHE || join(home, 'hub')),
    isOffline: /^(1|on|yes|true)$/i.test(environment.HF_HUB_OFFLINE ?? ''),
    token: () => readToken(environment, expand(environment.HF_TOKEN_PATH || join(home, 'token'))),
  };
}

/** Returns the hub's address without a slash at its end, as messages name it. */
export function addressOfHub({ endpoint }: Pick<HubSettings, 'endpoint'>): string {
  return endpoint.href.replace(/\/+$/, '');
}

/** Reads an address. A user or a password in it would be shown in messages, and is refused. */
function endpointFrom(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isPlain =
    url && /^https?:$/.test(url.protocol) && !url.username && !url.password && !/[?#]/.test(text);
  if (!isPlain)
    throw new VectormillError('SETTING_INVALID', 'HF_ENDPOINT is not the address of a hub', {
      component: 'model',
      remedy: 'Set it to an http:// or https:// address without a user, a password and a query, or unset it.',
    });
  return url;
}

async function readToken(environment: Environment, file: string): Promise<HubToken | undefined> {
  for (const name of ['HF_TOKEN', 'HUGGING_FACE_HUB_TOKEN']) {
    const value = environment[name]?.trim();
    if (value) return assertSendableToken({ value, from: name });
  }
  const value = (await readFile(file, 'utf8').catch(() => '')).trim();
  return value === '' ? undefined : assertSendableToken({ value, from: file });
}

/** Checks that a header can hold the token, because the error for that would quote it. */
function assertSendableToken(token: HubToken): HubToken {
  if (/^[\x21-\x7e]+$/.test(token.value)) return token;
  throw new VectormillError('SETTING_INVALID', `the token in ${token.from} is no token of the hub`, {
    component: 'model',
    remedy: 'A token is one word, such as hf_…; set it again.',
  });
}

function expand(path: string): string {
  return path.replace(/^~(?=\/|$)/, homedir());
}
