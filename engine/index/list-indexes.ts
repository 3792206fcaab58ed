import { indexesPrefix } from '../../core/index/index-layout.js';
import type { IndexManifest } from '../../core/index/index-manifest.js';
import { readJson } from '../version/read-json.js';
import type { ReadableVersion } from '../version/resolve-version.js';

/** The published indexes of a version, by name. Errors: FILE_DAMAGED. */
export async function listIndexes({ store, location }: ReadableVersion): Promise<IndexManifest[]> {
  const prefix = indexesPrefix(location.dataset, location.version);
  const manifests: IndexManifest[] = [];
  for await (const { key } of store.list(prefix)) {
    if (/^[^/]+\/manifest\.json$/.test(key.slice(prefix.length)))
      manifests.push(await readJson<IndexManifest>(store, key, 1));
  }
  return manifests;
}
