import { type Dirent, statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { infoOf } from './file-entry.js';
import { codeOf, fileError, isMissing } from './file-errors.js';
import { checkPrefix, RESERVED_NAME_PREFIX } from './object-key.js';
import type { ObjectInfo } from './object-store.js';
import { storeUnsupported } from './store-errors.js';

/**
 * The number of files whose size and time are asked for at once, which takes less than a
 * millisecond on a local disk.
 */
const PAGE = 64;

interface Entry {
  name: Buffer;
  isDirectory: boolean;
}

/**
 * Yields pages of the regular files under a directory whose key starts with `prefix`, in the byte
 * order of their full keys. Links to files are followed; links to directories are not, so that no
 * cycle can trap a listing.
 * Errors: STORE_UNSUPPORTED for a name that is not UTF-8.
 */
export async function* listFiles(
  rootPath: string,
  rootUri: string,
  prefix: string,
): AsyncGenerator<ObjectInfo[]> {
  const folderEnd = prefix.lastIndexOf('/') + 1;
  const folder = prefix.slice(0, folderEnd);
  checkPrefix(prefix);
  // No key has an empty segment, although the file system would accept such a path.
  if (folder.startsWith('/') || folder.includes('//')) return;
  yield* listFolder({ rootPath, rootUri, folder, namePrefix: Buffer.from(prefix.slice(folderEnd)) });
}

interface Folder {
  rootPath: string;
  rootUri: string;
  /** The folder relative to the root, either empty or with a slash at its end. */
  folder: string;
  namePrefix: Buffer;
}

async function* listFolder(where: Folder): AsyncGenerator<ObjectInfo[]> {
  const { rootPath, rootUri, folder, namePrefix } = where;
  const entries = await readEntries(join(rootPath, folder), `${rootUri}/${folder}`, namePrefix);
  let keys: string[] = [];
  for (const { name, isDirectory } of entries) {
    const key = folder + decode(name, `${rootUri}/${folder}`);
    if (!isDirectory) keys.push(key);
    if (keys.length === PAGE || (isDirectory && keys.length > 0)) {
      yield await describe(where, keys);
      keys = [];
    }
    if (isDirectory) yield* listFolder({ rootPath, rootUri, folder: key, namePrefix: Buffer.alloc(0) });
  }
  if (keys.length > 0) yield await describe(where, keys);
}

/**
 * Returns the entries sorted so that a walk in this order meets full keys in byte order. A
 * directory is compared with the slash at its end, because its keys continue with it (`a-b` <
 * `a.txt` < `a/b`).
 */
async function readEntries(directory: string, uri: string, namePrefix: Buffer): Promise<Entry[]> {
  let found: Dirent<Buffer>[];
  try {
    found = await readdir(directory, { withFileTypes: true, encoding: 'buffer' });
  } catch (error) {
    if (isMissing(error)) return [];
    throw fileError(error, uri);
  }
  const reserved = Buffer.from(RESERVED_NAME_PREFIX);
  return found
    .filter(({ name }) => startsWith(name, namePrefix) && !startsWith(name, reserved))
    .filter((entry) => entry.isFile() || entry.isDirectory() || entry.isSymbolicLink())
    .map((entry) => {
      const isDirectory = entry.isDirectory();
      return { isDirectory, name: isDirectory ? Buffer.concat([entry.name, Buffer.from('/')]) : entry.name };
    })
    .sort((a, b) => Buffer.compare(a.name, b.name));
}

function startsWith(name: Buffer, start: Buffer): boolean {
  return name.subarray(0, start.length).equals(start);
}

function decode(name: Buffer, uri: string): string {
  const text = name.toString('utf8');
  if (Buffer.from(text).equals(name)) return text;
  throw storeUnsupported(
    uri,
    'a file name in this folder is not valid UTF-8',
    'Rename the file, then try again.',
  );
}

/**
 * Describes files, but leaves out those that vanished since they were listed and links that lead to
 * no file. The calls are synchronous because that takes a sixth of the time, and they are made a
 * page at a time so that the process stays responsive.
 */
async function describe({ rootPath, rootUri }: Folder, keys: readonly string[]): Promise<ObjectInfo[]> {
  const infos: ObjectInfo[] = [];
  for (const key of keys) {
    try {
      const stats = statSync(join(rootPath, key), { bigint: true, throwIfNoEntry: false });
      if (stats?.isFile()) infos.push(infoOf(key, stats));
    } catch (error) {
      if (codeOf(error) !== 'ELOOP') throw fileError(error, `${rootUri}/${key}`);
    }
  }
  await setImmediate();
  return infos;
}
