import { type ErrorCode, VectormillError } from '../../core/errors.js';
import type { ByteSource } from '../corpus/byte-source.js';
import { openInput } from '../corpus/open-input.js';
import type { StoreOpener } from '../store/store-cache.js';

const COMPRESSED = ['', '.gz', '.zst'];

/**
 * Returns the object at a path or URI, or undefined if there is none, as for a folder. Errors:
 * USAGE and the store's.
 */
export async function findSource(uri: string, openStore: StoreOpener): Promise<ByteSource | undefined> {
  const { uri: place, store, key } = openInput(uri, openStore);
  const info = key === '' ? undefined : await store.head(key);
  return info && { uri: place, etag: info.etag, objectBytes: info.size, store, key };
}

/**
 * Returns the object below a folder, under its plain name or with the ending of a compression.
 * Errors: as `findSource`.
 */
export async function findBelow(
  folder: string,
  path: string,
  openStore: StoreOpener,
): Promise<ByteSource | undefined> {
  for (const suffix of COMPRESSED) {
    const found = await findSource(`${folder.replace(/\/+$/, '')}/${path}${suffix}`, openStore);
    if (found) return found;
  }
  return undefined;
}

/** Returns the object at a path or URI. Errors: INPUT_NOT_FOUND; as `findSource`. */
export async function requireSource(uri: string, openStore: StoreOpener): Promise<ByteSource> {
  const found = await findSource(uri, openStore);
  if (found) return found;
  throw tableError('INPUT_NOT_FOUND', `there is no file ${uri}`, 'Check the path or URI.', uri);
}

const COMPONENT = 'tables';

/** Returns the error for a file beside the corpus that is not what was asked for. */
function tableError(code: ErrorCode, message: string, remedy: string, file?: string): VectormillError {
  return new VectormillError(code, message, { component: COMPONENT, remedy, ...(file && { file }) });
}
