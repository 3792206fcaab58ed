import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { canonicalJson } from '../../core/canonical-json.js';
import type { IndexLayout } from '../../core/index/index-layout.js';
import type { IndexShardRecord } from '../../core/index/index-manifest.js';
import type { GraphParameters } from '../../core/index/index-options.js';
import type { IndexShard } from '../../core/index/plan-index-shards.js';
import { sha256 } from '../hash.js';
import { throwIfStopped } from '../steps/stop.js';
import { createOnce, encodeJson } from '../version/create-once.js';
import { readJson } from '../version/read-json.js';
import type { ReadableVersion } from '../version/resolve-version.js';
import { readGraphHead } from './graph-head.js';
import { indexError } from './index-errors.js';
import { IndexWorker } from './index-worker.js';
import { USEARCH_VERSION } from './usearch.js';
import { readVectors } from './version-vectors.js';

/** Rows handed to the thread at once: a fraction of a second, after which it can be told to stop. */
const BATCH_ROWS = 2000;

export interface GraphBuild {
  layout: IndexLayout;
  /** Other indexes that may hold the same graph, such as the parent version's. */
  reuseFrom: readonly IndexLayout[];
  parameters: GraphParameters;
  shard: IndexShard;
}

/** What one build has of its own. */
export interface BuildRun {
  signal: AbortSignal;
  /** Rows of this shard that are in its graph. */
  onRows(done: number): void;
}

/** A graph's name: what its bytes depend on, and nothing else. */
export function graphContent({ files }: IndexShard, parameters: GraphParameters): string {
  return sha256(
    canonicalJson({
      engine: `usearch ${USEARCH_VERSION}`,
      parameters: { ...parameters },
      files: files.map((file) => file.sha256),
    }),
  );
}

/**
 * One graph, built once: one that stands, here or in `reuseFrom`, is taken as it is. The record goes up after the graph
 * and is what makes it count. Errors: CANCELLED, CHECKSUM_MISMATCH, OBJECT_NOT_FOUND, FILE_DAMAGED, SESSION_LOST.
 */
export async function buildGraph(
  version: ReadableVersion,
  build: GraphBuild,
  run: BuildRun,
): Promise<{ record: IndexShardRecord; reused: boolean }> {
  const { store } = version;
  const { layout, shard, parameters } = build;
  const content = graphContent(shard, parameters);
  const standing = await findStanding(version, build, content);
  if (standing) {
    run.onRows(shard.rows);
    return { record: standing, reused: true };
  }
  const { bytes, seconds } = await addRows(version, build, run);
  const put = await createOnce(store, layout.shard(content), bytes);
  const record: IndexShardRecord = {
    formatVersion: 1,
    content,
    sha256: sha256(put.bytes),
    bytes: put.bytes.length,
    rows: shard.rows,
    firstKey: shard.files[0]!.firstKey,
    lastKey: shard.files.at(-1)!.lastKey,
    buildSeconds: Math.round(seconds * 1000) / 1000,
    peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
  };
  const { created } = await createOnce(store, layout.shardRecord(content), encodeJson(record));
  if (created) return { record, reused: false };
  return { record: await readJson<IndexShardRecord>(store, layout.shardRecord(content), 1), reused: true };
}

async function findStanding(
  { store }: ReadableVersion,
  { layout, reuseFrom }: GraphBuild,
  content: string,
): Promise<IndexShardRecord | undefined> {
  for (const place of [layout, ...reuseFrom]) {
    if (!(await store.head(place.shardRecord(content)))) continue;
    const record = await readJson<IndexShardRecord>(store, place.shardRecord(content), 1);
    if ((await store.head(place.shard(content)))?.size !== record.bytes) continue;
    if (place === layout) return record;
    const bytes = await store.get(place.shard(content));
    if (sha256(bytes) !== record.sha256) continue;
    await createOnce(store, layout.shard(content), bytes);
    await createOnce(store, layout.shardRecord(content), encodeJson(record));
    return record;
  }
  return undefined;
}

async function addRows(
  version: ReadableVersion,
  { parameters, shard }: GraphBuild,
  { signal, onRows }: BuildRun,
): Promise<{ bytes: Uint8Array; seconds: number }> {
  const folder = await mkdtemp(join(tmpdir(), 'vectormill-index-'));
  const worker = new IndexWorker();
  try {
    await worker.run({ kind: 'open', parameters });
    let seconds = 0;
    let done = 0;
    for (const file of shard.files) {
      const { rowKeys, vectors } = await readVectors(version, file);
      for (let row = 0; row < rowKeys.length; row += BATCH_ROWS) {
        throwIfStopped(signal);
        const keys = rowKeys.slice(row, row + BATCH_ROWS);
        const batch = vectors.slice(row * parameters.dimensions, (row + BATCH_ROWS) * parameters.dimensions);
        const startedAt = performance.now();
        const added = keys.length;
        await worker.run({ kind: 'add', keys, vectors: batch, threads: 1 });
        seconds += (performance.now() - startedAt) / 1e3;
        done += added;
        onRows(done);
      }
    }
    const path = join(folder, 'graph.usearch');
    await worker.run({ kind: 'save', file: path });
    const head = await readGraphHead(path);
    if (head?.version !== USEARCH_VERSION || head.rows !== shard.rows) {
      throw indexError(
        'INTERNAL',
        `usearch ${head?.version} wrote ${head?.rows} of ${shard.rows} rows, and ${USEARCH_VERSION} is expected`,
        'Install the release of usearch that package-lock.json names.',
      );
    }
    return { bytes: await readFile(path), seconds };
  } finally {
    await worker.close();
    await rm(folder, { recursive: true, force: true });
  }
}
