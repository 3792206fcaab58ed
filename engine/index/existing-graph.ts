import type { IndexLayout } from '../../core/index/index-layout.js';
import type { GraphCost, IndexShardRecord } from '../../core/index/index-manifest.js';
import type { HnswParameters } from '../../core/index/index-options.js';
import type { IndexShard } from '../../core/index/plan-index-shards.js';
import { sha256 } from '../files/hash.js';
import type { ObjectStore } from '../store/object-store.js';
import { readJsonRecord } from '../version/read-json-record.js';
import { headMatches, parseGraphHead } from './graph-head.js';
import { indexError } from './index-errors.js';

/** One graph that an index needs: what it is made of and where it may lie. */
export interface GraphToBuild {
  layout: IndexLayout;
  /** Other indexes that may hold the same graph, such as that of the parent version. */
  reuseFrom: readonly IndexLayout[];
  parameters: HnswParameters;
  shard: IndexShard;
}

/** A graph that is recorded here, or one that only has to be recorded. */
export type ExistingGraph = { record: IndexShardRecord } | { bytes: Uint8Array; cost: GraphCost | null };

/**
 * Finds a graph of this content that need not be built. It may be recorded here, or written here by
 * a process that ended before it could record it, or recorded in one of `reuseFrom` and undamaged.
 * Errors: OBJECT_NOT_FOUND for a recorded graph that is missing, CHECKSUM_MISMATCH for one of
 * another size, FILE_DAMAGED for a file under its name that is not a graph of these rows.
 */
export async function findExistingGraph(
  store: ObjectStore,
  { layout, reuseFrom, parameters, shard }: GraphToBuild,
  content: string,
): Promise<ExistingGraph | undefined> {
  const key = layout.shard(content);
  const file = `${store.root}/${key}`;
  const graph = await store.head(key);
  if (await store.head(layout.shardRecord(content))) {
    const record = await readJsonRecord<IndexShardRecord>(store, layout.shardRecord(content), 1);
    if (graph?.size === record.bytes) return { record };
    throw indexError(
      graph ? 'CHECKSUM_MISMATCH' : 'OBJECT_NOT_FOUND',
      `${file} ${graph ? `has ${graph.size} bytes, and its record says ${record.bytes}` : 'is gone'}`,
      'Restore the file, or build the index under another name.',
      file,
    );
  }
  if (graph) {
    const bytes = await store.get(key);
    if (headMatches(parseGraphHead(bytes), parameters, shard.rows)) return { bytes, cost: null };
    throw indexError(
      'FILE_DAMAGED',
      `${file} is not the graph that its name says`,
      'Remove the file, or build the index under another name.',
      file,
    );
  }
  for (const other of reuseFrom) {
    if (!(await store.head(other.shardRecord(content))) || !(await store.head(other.shard(content))))
      continue;
    const record = await readJsonRecord<IndexShardRecord>(store, other.shardRecord(content), 1);
    const bytes = await store.get(other.shard(content));
    if (sha256(bytes) === record.sha256) return { bytes, cost: record.build };
  }
  return undefined;
}
