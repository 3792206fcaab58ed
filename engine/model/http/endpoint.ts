/** The words in which a refusal describes what an address must be. */
export const ENDPOINT_RULE =
  'an http:// or https:// address without a user, a password, a query and a fragment';

/**
 * Returns the address of the embeddings endpoint: `url` itself where it names one, and otherwise
 * the endpoint below an API's root. A host alone has its API at `/v1`. The result is undefined for
 * anything that `ENDPOINT_RULE` does not allow. A user, a password or a query may be secret, and a
 * job's address is written down.
 */
export function endpointOf(url: string): URL | undefined {
  if (!URL.canParse(url)) return undefined;
  const endpoint = new URL(url);
  const { protocol, username, password } = endpoint;
  if (protocol !== 'http:' && protocol !== 'https:') return undefined;
  if (username !== '' || password !== '' || /[?#]/.test(url)) return undefined;
  const path = endpoint.pathname.replace(/\/+$/, '') || '/v1';
  endpoint.pathname = path.endsWith('/embeddings') ? path : `${path}/embeddings`;
  return endpoint;
}

/** Returns the name of a model's vector space at an endpoint: host, path and the model's name. */
export function spaceOf(endpoint: URL, model: string): string {
  return `${endpoint.host}${endpoint.pathname.replace(/\/embeddings$/, '')}/${model}`;
}
