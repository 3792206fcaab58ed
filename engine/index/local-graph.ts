import { randomUUID } from 'node:crypto';
import { open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { IndexGraph, IndexShardRecord } from '../../core/index/index-manifest.js';
import type { HnswParameters } from '../../core/index/index-options.js';
import { cacheFolder } from '../files/cache-folder.js';
import { sha256OfFile } from '../files/hash.js';
import { makeFolders } from '../files/make-folders.js';
import type { ObjectStore } from '../store/object-store.js';
import { headMatches, readGraphHead } from './graph-head.js';
import { indexError } from './index-errors.js';
import { graphMetric, graphScalar } from './usearch.js';

const FILE_SCHEME = 'file://';

/**
 * Returns the path of a graph that can be mapped into memory: the stored file itself where the
 * store is a folder, otherwise a copy in the cache. The checksum and the head are checked each
 * time, because usearch checks neither. Errors: OBJECT_NOT_FOUND, CHECKSUM_MISMATCH,
 * INDEX_MISMATCH.
 */
export async function localGraph(
  store: ObjectStore,
  { key, ...record }: IndexGraph,
  parameters: HnswParameters,
): Promise<string> {
  if (!(await store.head(key)))
    throw indexError('OBJECT_NOT_FOUND', `${store.root}/${key} is gone`, REBUILD, `${store.root}/${key}`);
  const path = store.root.startsWith(FILE_SCHEME)
    ? join('/', store.root.slice(FILE_SCHEME.length), key)
    : await cachedCopy(store, key, record);
  if ((await sha256OfFile(path)) !== record.sha256) throw mismatch(`${store.root}/${key}`);
  const head = await readGraphHead(path);
  if (headMatches(head, parameters, record.rows)) return path;
  throw indexError(
    'INDEX_MISMATCH',
    `${store.root}/${key} holds ${head?.rows} rows of ${head?.dimensions} dimensions (${head?.scalar}, ${head?.metric}), and its manifest says ${record.rows} of ${parameters.dimensions} (${graphScalar(parameters.precision)}, ${graphMetric(parameters)})`,
    REBUILD,
    `${store.root}/${key}`,
  );
}

/**
 * Returns a copy in the cache. It is named by its checksum, so that a name always stands for the
 * same graph.
 */
async function cachedCopy(store: ObjectStore, key: string, record: IndexShardRecord): Promise<string> {
  const path = join(cacheFolder(), 'indexes', `${record.sha256}.usearch`);
  if (
    (await stat(path).catch(() => undefined))?.size === record.bytes &&
    (await sha256OfFile(path)) === record.sha256
  )
    return path;
  await makeFolders(dirname(path));
  const unfinished = `${path}.${randomUUID()}`;
  try {
    const file = await open(unfinished, 'wx');
    await pipeline(store.stream(key), file.createWriteStream());
    if ((await sha256OfFile(unfinished)) !== record.sha256) throw mismatch(`${store.root}/${key}`);
    await rename(unfinished, path);
  } finally {
    await rm(unfinished, { force: true });
  }
  return path;
}

const REBUILD = 'Restore the file, or build the index anew under another name.';

function mismatch(file: string): Error {
  return indexError('CHECKSUM_MISMATCH', `${file} is not the graph that the index lists`, REBUILD, file);
}
