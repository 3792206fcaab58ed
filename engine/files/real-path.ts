import { realpath } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/**
 * Follows the links of an absolute path, as far as there is something. What comes after that is
 * kept as it is.
 */
export async function realPathOf(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch {
    return path === dirname(path) ? path : join(await realPathOf(dirname(path)), basename(path));
  }
}

/** Returns a storage URI without slashes at its end, with the links of a local path followed. */
export async function realUriOf(uri: string): Promise<string> {
  const path = /^file:\/\/(\/.*)$/is.exec(uri)?.[1];
  return (path === undefined ? uri : `file://${await realPathOf(path)}`).replace(/\/+$/, '');
}
