import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { GraphCost } from '../../core/index/index-manifest.js';
import type { GraphParameters } from '../../core/index/index-options.js';
import type { IndexShard } from '../../core/index/plan-index-shards.js';
import { throwIfStopped } from '../steps/stop.js';
import type { ReadableVersion } from '../version/resolve-version.js';
import { encodeAttachments } from './attached-rows.js';
import { parseGraphHead } from './graph-head.js';
import { holdsGraph } from './holds-graph.js';
import { indexError } from './index-errors.js';
import { IndexWorker } from './index-worker.js';
import { type GrowingGraph, mendGraph } from './mend-graph.js';
import { USEARCH_VERSION } from './usearch.js';
import { readVectors, VersionVectors } from './version-vectors.js';

/** Rows handed to the thread at once: a fraction of a second, after which it can be told to stop. */
const BATCH_ROWS = 2000;

/** What one build has of its own. */
export interface BuildRun {
  /** That add rows to the graph side by side; with one, the same rows give the same bytes. */
  threads: number;
  signal: AbortSignal;
  /** Rows of this shard that are in its graph. */
  onRows(done: number): void;
}

/**
 * The bytes of a new graph of the shard's rows, each of which a search can find. One vector file and one batch of it are in memory beside the graph, and
 * the graph is gone when its bytes are read. Errors: CANCELLED, CHECKSUM_MISMATCH, OBJECT_NOT_FOUND, FILE_DAMAGED,
 * SESSION_LOST.
 */
export async function addRows(
  version: ReadableVersion,
  { parameters, shard }: { parameters: GraphParameters; shard: IndexShard },
  { threads, signal, onRows }: BuildRun,
): Promise<{ bytes: Uint8Array; cost: GraphCost }> {
  const folder = await mkdtemp(join(tmpdir(), 'vectormill-index-'));
  const file = join(folder, 'graph.usearch');
  const worker = new IndexWorker();
  const memory = watchMemory();
  let milliseconds = 0;
  try {
    await worker.run({ kind: 'open', parameters });
    let done = 0;
    for (const vectorFile of shard.files) {
      const { rowKeys, vectors } = await readVectors(version, vectorFile);
      for (let row = 0; row < rowKeys.length; row += BATCH_ROWS) {
        throwIfStopped(signal);
        const keys = rowKeys.slice(row, row + BATCH_ROWS);
        const batch = vectors.slice(row * parameters.dimensions, (row + BATCH_ROWS) * parameters.dimensions);
        done += keys.length;
        const startedAt = performance.now();
        await worker.run({ kind: 'add', keys, vectors: batch, threads });
        milliseconds += performance.now() - startedAt;
        memory.look();
        onRows(done);
      }
    }
    const startedAt = performance.now();
    const attachments = await mendGraph(growingGraph(version, { worker, file, signal }));
    milliseconds += performance.now() - startedAt;
    memory.look();
    await worker.close();
    const bytes = await readFile(file);
    memory.look();
    const head = parseGraphHead(bytes);
    if (head?.version === USEARCH_VERSION && holdsGraph(head, parameters, shard.rows)) {
      const seconds = Math.round(milliseconds) / 1000;
      const trailer = encodeAttachments(attachments);
      return {
        bytes: trailer.length > 0 ? Buffer.concat([bytes, trailer]) : bytes,
        cost: { seconds, threads, memoryBytes: memory.grown() },
      };
    }
    throw indexError(
      'INTERNAL',
      `usearch ${head?.version} wrote ${head?.rows} of ${shard.rows} rows, and ${USEARCH_VERSION} is expected`,
      'Install the release of usearch that package-lock.json names.',
    );
  } finally {
    await worker.close();
    await rm(folder, { recursive: true, force: true });
  }
}

function growingGraph(
  version: ReadableVersion,
  { worker, file, signal }: { worker: IndexWorker; file: string; signal: AbortSignal },
): GrowingGraph {
  const { dimensions } = version.manifest.signature;
  const source = new VersionVectors(version, { keptBytes: 0 });
  return {
    save: async () => {
      await worker.run({ kind: 'save', file });
      return file;
    },
    vectorsOf: async (keys) => {
      throwIfStopped(signal);
      const rows = new Float32Array(keys.length * dimensions);
      for (const [row, { vectors, start }] of (await source.places(keys)).entries())
        rows.set(vectors.subarray(start, start + dimensions), row * dimensions);
      return rows;
    },
    addAgain: async (keys, vectors) => {
      await worker.run({ kind: 'again', keys, vectors });
    },
    near: (vectors, k) => worker.run({ kind: 'near', vectors, k }),
  };
}

/** By how much the resident set of this process grows. */
function watchMemory(): { look(): void; grown(): number } {
  const before = process.memoryUsage.rss();
  let most = before;
  return {
    look: () => {
      most = Math.max(most, process.memoryUsage.rss());
    },
    grown: () => most - before,
  };
}
