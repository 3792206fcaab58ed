import {
  type FirstIndexManifest,
  GRAPH_ENGINES,
  type IndexManifest,
} from '../../core/index/index-manifest.js';
import type { ObjectStore } from '../store/object-store.js';
import { parseRecordOf } from '../version/read-json-record.js';
import { indexError } from './index-errors.js';

/**
 * Returns the manifest of an index that can be searched here. Errors: INDEX_MISMATCH where its
 * graphs are files of an engine that this release does not know; OBJECT_NOT_FOUND, FILE_DAMAGED.
 */
export async function readIndexManifest(store: ObjectStore, key: string): Promise<IndexManifest> {
  const manifest = parseIndexManifest(await store.get(key), key, store);
  const { name, version } = manifest.engine;
  if (GRAPH_ENGINES.includes(name)) return manifest;
  throw indexError(
    'INDEX_MISMATCH',
    `the graphs of the index ${manifest.name} are files of ${name} ${version}, and this vectormill reads those of ${GRAPH_ENGINES.join(', ')}`,
    'Use the release of vectormill that built it, or build an index under another name.',
    `${store.root}/${key}`,
  );
}

/**
 * Parses the manifest of an index of any engine and of either format, and returns it as one of the
 * second format. `key` is where it lies. Errors: FILE_DAMAGED.
 */
export function parseIndexManifest(
  bytes: Uint8Array,
  key: string,
  { root }: Pick<ObjectStore, 'root'>,
): IndexManifest {
  const manifest = parseRecordOf<IndexManifest | FirstIndexManifest>(bytes, [1, 2], `${root}/${key}`);
  if (manifest.formatVersion === 2) return manifest;
  const folder = key.slice(0, key.lastIndexOf('/'));
  return {
    ...manifest,
    formatVersion: 2,
    shards: manifest.shards?.map((shard) => ({
      ...shard,
      key: `${folder}/${shard.content}.usearch`,
      liveRows: shard.rows,
      rowList: null,
    })),
    delta: null,
    gateQueries: null,
  };
}
