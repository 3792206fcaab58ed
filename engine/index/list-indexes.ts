import { isVectormillError } from '../../core/errors.js';
import { indexesPrefix } from '../../core/index/index-layout.js';
import type { IndexManifest } from '../../core/index/index-manifest.js';
import { refKey } from '../../core/layout.js';
import { type ReadableVersion, resolveVersion } from '../version/resolve-version.js';
import { parseIndexManifest } from './read-index-manifest.js';

/** Returns the published indexes of a version, by name. Errors: FILE_DAMAGED. */
export async function listIndexes({ store, location }: ReadableVersion): Promise<IndexManifest[]> {
  const prefix = indexesPrefix(location.dataset, location.version);
  const manifests: IndexManifest[] = [];
  for await (const { key } of store.list(prefix)) {
    if (/^[^/]+\/manifest\.json$/.test(key.slice(prefix.length)))
      manifests.push(parseIndexManifest(await store.get(key), key, store));
  }
  return manifests;
}

/**
 * Indexes that readers of a ref can search now, in the version that it names, and that another
 * version lacks.
 */
export interface MissingIndexes {
  /** The version that the ref names. */
  current: string;
  names: readonly string[];
}

/**
 * Returns the indexes that readers of a ref would miss once it names `version`. The result is
 * undefined where no such index, or no such ref, exists. It is undefined, too, where the version
 * that the ref names cannot be read, because nobody can search that version anyway.
 */
export async function missingIndexes(
  version: ReadableVersion,
  ref: string,
): Promise<MissingIndexes | undefined> {
  const { store, location } = version;
  const { dataset } = location;
  if (!(await store.head(refKey(dataset, ref)))) return undefined;
  try {
    const before = await resolveVersion(store, { dataset, selector: ref });
    const there = new Set((await listIndexes(version)).map(({ name }) => name));
    const names = (await listIndexes(before)).map(({ name }) => name).filter((name) => !there.has(name));
    return names.length > 0 ? { current: before.location.version, names } : undefined;
  } catch (error) {
    if (
      isVectormillError(error) &&
      ['VERSION_NOT_FOUND', 'FILE_DAMAGED', 'OBJECT_NOT_FOUND'].includes(error.code)
    )
      return undefined;
    throw error;
  }
}
