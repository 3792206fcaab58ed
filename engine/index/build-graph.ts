import { canonicalJson } from '../../core/canonical-json.js';
import type { GraphCost, IndexShardRecord } from '../../core/index/index-manifest.js';
import type { HnswParameters } from '../../core/index/index-options.js';
import type { IndexShard } from '../../core/index/plan-index-shards.js';
import { isWhole } from '../../core/version-parts.js';
import { sha256 } from '../files/hash.js';
import type { ObjectStore } from '../store/object-store.js';
import { createOnce, encodeJson } from '../version/create-once.js';
import { readJsonRecord } from '../version/read-json-record.js';
import type { ReadableVersion } from '../version/resolve-version.js';
import { writeOrAdopt } from '../version/write-or-adopt.js';
import { addRows, type BuildRun } from './add-rows.js';
import { chooseBuilder } from './choose-builder.js';
import { findExistingGraph, type GraphToBuild } from './existing-graph.js';

/** A graph that counts, and whether it existed before this build. */
export interface BuiltGraph {
  record: IndexShardRecord;
  reused: boolean;
}

/**
 * Returns the name of a graph. It depends only on what the graph is made of and on the code that
 * builds it.
 */
export function graphContent({ parts, rows }: IndexShard, parameters: HnswParameters): string {
  return sha256(
    canonicalJson({
      engine: chooseBuilder(parameters, rows),
      parameters: { ...parameters },
      files: parts.map((part) =>
        isWhole(part)
          ? part.vectors.sha256
          : [part.vectors.sha256, part.live.map(({ start, end }) => [start, end])],
      ),
    }),
  );
}

/**
 * Builds one graph once. A graph that exists already, here or in `reuseFrom`, is taken as it is.
 * The record is written after the graph, and makes the graph count. Errors: CANCELLED,
 * CHECKSUM_MISMATCH, OBJECT_NOT_FOUND, FILE_DAMAGED, SESSION_LOST.
 */
export async function buildGraph(
  version: ReadableVersion,
  build: GraphToBuild,
  run: BuildRun,
): Promise<BuiltGraph> {
  const { store } = version;
  const content = graphContent(build.shard, build.parameters);
  const existing = await findExistingGraph(store, build, content);
  if (existing) {
    run.onRows(build.shard.rows);
    if ('record' in existing) return { record: existing.record, reused: true };
    return { record: await keepGraph(store, build, content, existing), reused: true };
  }
  const { bytes, cost } = await addRows(version, build, run);
  return { record: await keepGraph(store, build, content, { bytes, cost }), reused: false };
}

/**
 * Writes a graph under its name unless one is there already, and then records the one that is
 * there. Two builds of the same rows may differ in their edges, so that the graph that is written
 * first counts.
 */
async function keepGraph(
  store: ObjectStore,
  { layout, shard, parameters }: GraphToBuild,
  content: string,
  { bytes, cost }: { bytes: Uint8Array; cost: GraphCost | null },
): Promise<IndexShardRecord> {
  const record = await writeOrAdopt(store, layout.shard(content), bytes, {
    describe: (existing): IndexShardRecord => {
      const hash = sha256(existing);
      return {
        formatVersion: 1,
        content,
        builder: chooseBuilder(parameters, shard.rows),
        sha256: hash,
        bytes: existing.length,
        rows: shard.rows,
        firstKey: shard.parts[0]!.vectors.firstKey,
        lastKey: shard.parts.at(-1)!.vectors.lastKey,
        build: existing === bytes || hash === sha256(bytes) ? cost : null,
      };
    },
  });
  const { created } = await createOnce(store, layout.shardRecord(content), encodeJson(record));
  return created ? record : readJsonRecord<IndexShardRecord>(store, layout.shardRecord(content), 1);
}
