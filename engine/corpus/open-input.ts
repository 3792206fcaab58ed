import type { ObjectStore } from '../store/object-store.js';
import { splitUri } from '../store/open-store.js';
import type { StoreOpener } from '../store/store-cache.js';

/**
 * An input URI that is opened once for all objects below it, so that they share the store's
 * connections.
 */
export interface OpenInput {
  /** The URI as the store spells it, without a trailing slash. */
  uri: string;
  store: ObjectStore;
  /** The URI's key in the store. It is empty if the URI is the store's root. */
  key: string;
}

/** Opens an input. Errors: USAGE if it is not a storage URI. */
export function openInput(inputUri: string, openStore: StoreOpener): OpenInput {
  const trimmed = inputUri.replace(/\/+$/, '');
  if (/^s3:\/\/[^/]+$/i.test(trimmed)) {
    const store = openStore(trimmed);
    return { uri: store.root, store, key: '' };
  }
  const { root, key } = splitUri(trimmed);
  const store = openStore(root);
  return { uri: `${store.root}/${key}`, store, key };
}

/**
 * Returns where an object below an input lies: its key in the store and its path below the input.
 * Ids of documents without an id column are made from that path, so that they stay the same when
 * the corpus moves. If the input is itself an object, the path is the object's name.
 */
export function locate(input: OpenInput, objectUri: string): { key: string; path: string } {
  if (objectUri === input.uri)
    return { key: input.key, path: input.key.slice(input.key.lastIndexOf('/') + 1) };
  const folder = `${input.uri}/`;
  if (!objectUri.startsWith(folder)) throw new RangeError('the object is not below the input');
  const path = objectUri.slice(folder.length);
  return { key: input.key === '' ? path : `${input.key}/${path}`, path };
}
