import { resolve } from 'node:path';
import { FileStore } from './file-store.js';
import type { ObjectStore } from './object-store.js';
import { createS3Client } from './s3-client.js';
import { S3Store } from './s3-store.js';
import { badUri } from './store-errors.js';

/**
 * Returns the store at `s3://bucket/prefix`, `file:///path` or a plain path. URIs are taken as they
 * are, without percent decoding, so that a root, a slash and a key always make the object's URI. S3
 * is set up by the standard AWS variables of `environment`; no request is made yet. Errors: USAGE.
 */
export function openStore(uri: string, environment: NodeJS.ProcessEnv = process.env): ObjectStore {
  const place = parseUri(uri);
  if ('path' in place) return new FileStore(place.path);
  const prefix = place.key.replace(/\/+$/, '');
  return new S3Store({ client: createS3Client(environment), bucket: place.bucket, prefix });
}

/**
 * Returns an object's store and its key there. The key is what follows the last slash, and the
 * root is what comes before it. If several slashes follow one another there, as an S3 key may have
 * them, all but the first belong to the key, because a root does not end with a slash.
 * Errors: USAGE.
 */
export function splitUri(uri: string): { root: string; key: string } {
  const place = parseUri(uri);
  const isFile = 'path' in place;
  const [start, path] = isFile ? ['file://', place.path.slice(1)] : [`s3://${place.bucket}`, place.key];
  const [, folder, key] = /^(?:(.*?[^/])\/)?(\/*[^/]+)$/s.exec(path) ?? [];
  if (key === undefined || uri.endsWith('/')) throw badUri('this names no object', uri);
  return { root: folder === undefined ? start : `${start}/${folder}`, key };
}

function parseUri(uri: string): { bucket: string; key: string } | { path: string } {
  const scheme = /^([a-z][a-z0-9+.-]+):\/\//i.exec(uri)?.[1]?.toLowerCase();
  if (uri === '' || uri.includes('\0')) throw badUri('not a storage URI', uri);
  if (scheme === undefined) return { path: resolve(uri) };
  const rest = uri.slice(scheme.length + '://'.length);
  if (scheme === 'file') {
    // For an object in `/`, `file://` is the part before the slash.
    if (rest !== '' && !rest.startsWith('/'))
      throw badUri('a file URI needs three slashes and an absolute path', uri);
    return { path: resolve('/', rest) };
  }
  if (scheme !== 's3') throw badUri(`there is no storage for ${scheme}`, uri);
  const [, bucket, key = ''] = /^([^/]+)(?:\/(.*))?$/s.exec(rest) ?? [];
  if (bucket === undefined) throw badUri('an S3 URI needs a bucket', uri);
  return { bucket, key };
}
