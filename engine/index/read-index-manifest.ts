import { GRAPH_ENGINES, type IndexManifest } from '../../core/index/index-manifest.js';
import type { ObjectStore } from '../store/object-store.js';
import { readJsonRecord } from '../version/read-json-record.js';
import { indexError } from './index-errors.js';

/**
 * Returns the manifest of an index that can be searched here. Errors: INDEX_MISMATCH where its
 * graphs are files of an engine that this release does not know; OBJECT_NOT_FOUND, FILE_DAMAGED.
 */
export async function readIndexManifest(store: ObjectStore, key: string): Promise<IndexManifest> {
  const manifest = await readJsonRecord<IndexManifest>(store, key, 1);
  const { name, version } = manifest.engine;
  if (GRAPH_ENGINES.includes(name)) return manifest;
  throw indexError(
    'INDEX_MISMATCH',
    `the graphs of the index ${manifest.name} are files of ${name} ${version}, and this vectormill reads those of ${GRAPH_ENGINES.join(', ')}`,
    'Use the release of vectormill that built it, or build an index under another name.',
    `${store.root}/${key}`,
  );
}
