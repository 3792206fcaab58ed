import { counted } from '../../core/counted.js';
import type { GraphCost } from '../../core/index/index-manifest.js';
import type { HnswParameters } from '../../core/index/index-options.js';
import type { IndexShard } from '../../core/index/plan-index-shards.js';
import { throwIfStopped } from '../concurrency/stop.js';
import type { ReadableVersion } from '../version/resolve-version.js';
import { encodeAttachments } from './attached-rows.js';
import { isBuiltByKernel } from './choose-builder.js';
import { headMatches, parseGraphHead } from './graph-head.js';
import { indexError } from './index-errors.js';
import { KernelGraph } from './kernel-graph.js';
import { mendGraph, type VectorsOf } from './mend-graph.js';
import { UsearchGraph } from './usearch-graph.js';
import { readVectors, VersionVectors } from './version-vectors.js';

/**
 * The threads get this many rows at once, which takes them a fraction of a second. The build can be
 * stopped after each batch.
 */
const BATCH_ROWS = 2000;

/** The state that belongs to one build alone. */
export interface BuildRun {
  /**
   * The number of threads that add rows side by side. With one thread, the same rows give the same
   * bytes.
   */
  threads: number;
  signal: AbortSignal;
  /** Is called with the number of this shard's rows that are in its graph. */
  onRows(done: number): void;
}

/**
 * Builds a new graph of the shard's rows and returns its bytes. A search can find each of the rows.
 * Beside the graph, one vector file and one batch of it are in memory. Errors: CANCELLED,
 * CHECKSUM_MISMATCH, OBJECT_NOT_FOUND, FILE_DAMAGED, SESSION_LOST.
 */
export async function addRows(
  version: ReadableVersion,
  { parameters, shard }: { parameters: HnswParameters; shard: IndexShard },
  { threads, signal, onRows }: BuildRun,
): Promise<{ bytes: Uint8Array; cost: GraphCost }> {
  const memory = watchMemory();
  const graph = isBuiltByKernel(parameters, shard.rows)
    ? await KernelGraph.open(parameters, shard.rows, threads)
    : await UsearchGraph.open(parameters, threads);
  let milliseconds = 0;
  try {
    let done = 0;
    for (const part of shard.parts) {
      const { rowKeys, vectors } = await readVectors(version, part);
      for (let row = 0; row < rowKeys.length; row += BATCH_ROWS) {
        throwIfStopped(signal);
        const keys = rowKeys.slice(row, row + BATCH_ROWS);
        const batch = vectors.slice(row * parameters.dimensions, (row + BATCH_ROWS) * parameters.dimensions);
        done += keys.length;
        const startedAt = performance.now();
        await graph.add(keys, batch);
        milliseconds += performance.now() - startedAt;
        memory.sample();
        onRows(done);
      }
    }
    const startedAt = performance.now();
    const attachments = await mendGraph(graph, vectorsFrom(version, signal));
    milliseconds += performance.now() - startedAt;
    memory.sample();
    const bytes = await graph.finish();
    memory.sample();
    const head = parseGraphHead(bytes);
    if (!headMatches(head, parameters, shard.rows))
      throw indexError(
        'INTERNAL',
        `a graph of ${counted(shard.rows, 'row')} was built, and its file says ${head?.rows}`,
        'Report it, with the parameters of this index.',
      );
    const trailer = encodeAttachments(attachments);
    return {
      bytes: trailer.length > 0 ? Buffer.concat([bytes, trailer]) : bytes,
      cost: { seconds: Math.round(milliseconds) / 1000, threads, memoryBytes: memory.grown() },
    };
  } finally {
    await graph.close();
  }
}

function vectorsFrom(version: ReadableVersion, signal: AbortSignal): VectorsOf {
  const { dimensions } = version.manifest.signature;
  const source = new VersionVectors(version, { keptBytes: 0 });
  return async (keys) => {
    throwIfStopped(signal);
    const rows = new Float32Array(keys.length * dimensions);
    for (const [row, { vectors, start }] of (await source.places(keys)).entries())
      rows.set(vectors.subarray(start, start + dimensions), row * dimensions);
    return rows;
  };
}

/** Measures by how much the resident set of this process grows. */
function watchMemory(): { sample(): void; grown(): number } {
  const before = process.memoryUsage.rss();
  let most = before;
  return {
    sample: () => {
      most = Math.max(most, process.memoryUsage.rss());
    },
    grown: () => most - before,
  };
}
