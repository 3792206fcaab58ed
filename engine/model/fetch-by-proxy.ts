import { VectormillError } from '../../core/errors.js';
import { connectionCode } from './connection-code.js';

/** A proxy, and the variable that names it. */
interface NamedProxy {
  variable: string;
  /** It may hold a password, so that no message shows it. */
  address: string;
}

/** The variables by protocol. The first that is set counts. */
const VARIABLES = {
  https: ['https_proxy', 'HTTPS_PROXY', 'http_proxy', 'HTTP_PROXY'],
  http: ['http_proxy', 'HTTP_PROXY'],
} as const;

/** The status with which a proxy asks for a user and a password, and nothing else does. */
const ASKS_FOR_PASSWORD = 407;

/** The latest way of fetching by proxies, and the proxies that it was made for. */
let latest: { proxies: string; fetch: Promise<typeof fetch> } | undefined;

/**
 * Makes a request as `fetch` does, by the proxy that `HTTPS_PROXY` or `HTTP_PROXY` names for it,
 * unless the host is this machine or `NO_PROXY` excepts it. Node's own `fetch` does not read these
 * variables on every release that is supported. Errors: those of `fetch`; SETTING_INVALID for an
 * address that is not a proxy's, and for a proxy that refuses the request.
 */
export async function fetchByProxy(url: URL, request: RequestInit): Promise<Response> {
  const named = proxyOf(url);
  if (!named) return fetch(url, request);
  const byProxy = await fetchByProxies();
  const response = await byProxy(url, request).catch((error: unknown) => {
    const status = statusOfProxy(error);
    throw status !== undefined && status < 500 ? refusedByProxy(named, url, status) : error;
  });
  if (response.status !== ASKS_FOR_PASSWORD) return response;
  await response.body?.cancel();
  throw refusedByProxy(named, url, ASKS_FOR_PASSWORD);
}

/**
 * Says why a request failed, without anything that was sent: the code of the connection's error,
 * and whether a proxy was to be used.
 */
export function reasonOfFailure(error: unknown, url: URL): string {
  const named = proxyOf(url);
  if (!named) return connectionCode(error);
  const status = statusOfProxy(error);
  if (status !== undefined) return `the proxy that ${named.variable} names answered ${status}`;
  return `${connectionCode(error)} (${named.variable} names a proxy)`;
}

/** Returns the proxy for an address. Undefined for this machine itself, where no proxy helps. */
function proxyOf({ protocol, hostname }: URL): NamedProxy | undefined {
  return LOOPBACK.test(hostname) ? undefined : proxyFor(protocol);
}

const LOOPBACK = /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])$/;

function proxyFor(protocol: string): NamedProxy | undefined {
  const variables = protocol === 'https:' ? VARIABLES.https : VARIABLES.http;
  const variable = variables.find((name) => process.env[name]);
  return variable && { variable, address: addressIn(variable) };
}

/** Returns the address in a variable, with `http://` before it where it has no protocol. */
function addressIn(variable: string): string {
  const text = process.env[variable]!.trim();
  const address = text.includes('://') ? text : `http://${text}`;
  if (URL.canParse(address) && /^https?:/.test(address)) return address;
  throw new VectormillError('SETTING_INVALID', `${variable} is not the address of a proxy`, {
    component: 'model',
    remedy: `Set ${variable} to an address such as http://proxy.example:3128, or unset it.`,
  });
}

/**
 * Returns a `fetch` that goes by the proxies. Its package is loaded only where there is one. Its
 * own `fetch` is used, because Node's may be of a release that does not take its agents.
 */
function fetchByProxies(): Promise<typeof fetch> {
  const [httpProxy = '', httpsProxy = ''] = ['http:', 'https:'].map(
    (protocol) => proxyFor(protocol)?.address,
  );
  const noProxy = process.env.no_proxy || process.env.NO_PROXY || '';
  const proxies = JSON.stringify([httpProxy, httpsProxy, noProxy]);
  if (latest?.proxies !== proxies)
    latest = {
      proxies,
      fetch: import('undici').then(({ EnvHttpProxyAgent, fetch: ownFetch }) => {
        const dispatcher = new EnvHttpProxyAgent({ httpProxy, httpsProxy, noProxy, proxyTunnel: false });
        const byProxy = (url: URL, request: object) => ownFetch(url, { ...request, dispatcher });
        // Both implement the same standard, and only their types are of different packages.
        return byProxy as unknown as typeof fetch;
      }),
    };
  return latest.fetch;
}

/** Returns the status with which a proxy refused to connect. Undefined for any other error. */
function statusOfProxy(error: unknown): number | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const [, status] = /^Proxy (?:response|Authentication Required) \((\d{3})\)/.exec(cause.message) ?? [];
    if (status !== undefined) return Number(status);
  }
  return undefined;
}

function refusedByProxy({ variable }: NamedProxy, { host }: URL, status: number): VectormillError {
  return new VectormillError(
    'SETTING_INVALID',
    `the proxy that ${variable} names does not connect to ${host}: it answered ${status}`,
    {
      component: 'model',
      remedy:
        status === ASKS_FOR_PASSWORD
          ? `Put a user and a password that the proxy knows into ${variable}: http://user:password@host:port.`
          : 'Ask whoever runs the proxy to permit the host, or name the host in NO_PROXY where it is reached without.',
    },
  );
}
