import { canonicalJson } from '../../core/canonical-json.js';
import type { GraphCost, IndexShardRecord } from '../../core/index/index-manifest.js';
import type { GraphParameters } from '../../core/index/index-options.js';
import type { IndexShard } from '../../core/index/plan-index-shards.js';
import { sha256 } from '../files/hash.js';
import type { ObjectStore } from '../store/object-store.js';
import { createOnce, encodeJson } from '../version/create-once.js';
import { readJson } from '../version/read-json.js';
import type { ReadableVersion } from '../version/resolve-version.js';
import { writeOrAdopt } from '../version/write-or-adopt.js';
import { addRows, type BuildRun } from './add-rows.js';
import { graphBuilder } from './graph-builder.js';
import { findStanding, type GraphBuild } from './standing-graph.js';

/** A graph that counts, and whether it was there before. */
export interface BuiltGraph {
  record: IndexShardRecord;
  reused: boolean;
}

/** A graph's name: what it is made of and by which code, and nothing else. */
export function graphContent({ files, rows }: IndexShard, parameters: GraphParameters): string {
  return sha256(
    canonicalJson({
      engine: graphBuilder(parameters, rows),
      parameters: { ...parameters },
      files: files.map((file) => file.sha256),
    }),
  );
}

/**
 * One graph, built once: one that stands, here or in `reuseFrom`, is taken as it is. The record
 * goes up after the graph and is what makes it count. Errors: CANCELLED, CHECKSUM_MISMATCH,
 * OBJECT_NOT_FOUND, FILE_DAMAGED, SESSION_LOST.
 */
export async function buildGraph(
  version: ReadableVersion,
  build: GraphBuild,
  run: BuildRun,
): Promise<BuiltGraph> {
  const { store } = version;
  const content = graphContent(build.shard, build.parameters);
  const standing = await findStanding(store, build, content);
  if (standing) {
    run.onRows(build.shard.rows);
    if ('record' in standing) return { record: standing.record, reused: true };
    return { record: await keepGraph(store, build, content, standing), reused: true };
  }
  const { bytes, cost } = await addRows(version, build, run);
  return { record: await keepGraph(store, build, content, { bytes, cost }), reused: false };
}

/**
 * Puts a graph under its name unless one stands there, then records the one that stands: two builds
 * of the same rows may differ in their edges, and the first that is written is the graph.
 */
async function keepGraph(
  store: ObjectStore,
  { layout, shard, parameters }: GraphBuild,
  content: string,
  { bytes, cost }: { bytes: Uint8Array; cost: GraphCost | null },
): Promise<IndexShardRecord> {
  const record = await writeOrAdopt(store, layout.shard(content), bytes, {
    describe: (standing): IndexShardRecord => {
      const hash = sha256(standing);
      return {
        formatVersion: 1,
        content,
        builder: graphBuilder(parameters, shard.rows),
        sha256: hash,
        bytes: standing.length,
        rows: shard.rows,
        firstKey: shard.files[0]!.firstKey,
        lastKey: shard.files.at(-1)!.lastKey,
        build: standing === bytes || hash === sha256(bytes) ? cost : null,
      };
    },
  });
  const { created } = await createOnce(store, layout.shardRecord(content), encodeJson(record));
  return created ? record : readJson<IndexShardRecord>(store, layout.shardRecord(content), 1);
}
