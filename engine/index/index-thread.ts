import type { Index } from 'usearch';
import type { HnswParameters, IndexMetric } from '../../core/index/index-options.js';
import { asHnswRows, type Candidates, exactNearest, newGraph } from './usearch.js';

/** A task for an index thread, which does one at a time. */
export type IndexTask =
  | { kind: 'open'; parameters: HnswParameters }
  /**
   * `vectors` is row-major `[keys, dimensions]`. With one thread, the same rows give the same
   * graph. With several, the order of arrival decides about the edges.
   */
  | { kind: 'add'; keys: BigUint64Array; vectors: Float32Array; threads: number }
  /** Removes these rows and adds them again, one after the other. */
  | { kind: 'again'; keys: BigUint64Array; vectors: Float32Array }
  /** Searches the graph for the rows near each of these vectors. */
  | { kind: 'near'; vectors: Float32Array; k: number }
  | { kind: 'save'; file: string }
  /** Compares queries with rows, both `[…, dimensions]` and, for the cosine, of length 1. */
  | {
      kind: 'exact';
      rows: Float32Array;
      queries: Float32Array;
      metric: IndexMetric;
      dimensions: number;
      k: number;
    };

export type IndexReply =
  /** One list for each query of an `exact` or `near` task; other tasks answer with none. */
  { outcome: 'done'; candidates: Candidates[] } | { outcome: 'failed'; reason: string };

/** The graph that is being built; a thread has one. */
let graph: { index: Index; parameters: HnswParameters } | undefined;

/**
 * Does one task. This is the thread's only function. usearch blocks its caller, so it is called
 * here and not in the thread that sends heartbeats.
 */
export default function runTask(task: IndexTask): IndexReply {
  try {
    return { outcome: 'done', candidates: run(task) };
  } catch (error) {
    return { outcome: 'failed', reason: error instanceof Error ? error.message : String(error) };
  }
}

function run(task: IndexTask): ReturnType<typeof exactNearest> {
  switch (task.kind) {
    case 'open':
      graph = { index: newGraph(task.parameters, 0), parameters: task.parameters };
      return [];
    case 'add': {
      const { index, parameters } = opened();
      index.add(task.keys, asHnswRows(task.vectors, parameters.metric, parameters.dimensions), task.threads);
      return [];
    }
    case 'again': {
      const { index, parameters } = opened();
      index.remove(task.keys);
      index.add(task.keys, asHnswRows(task.vectors, parameters.metric, parameters.dimensions), 1);
      return [];
    }
    case 'near': {
      const { index, parameters } = opened();
      const { metric, dimensions } = parameters;
      const rows = asHnswRows(task.vectors, metric, dimensions);
      const count = Math.min(task.k, index.size());
      return Array.from({ length: rows.length / dimensions }, (_, row) =>
        index.search(rows.slice(row * dimensions, (row + 1) * dimensions), count, 1),
      );
    }
    case 'save':
      opened().index.save(task.file);
      return [];
    case 'exact':
      return exactNearest(task.rows, task.queries, task, task.k);
  }
}

function opened(): NonNullable<typeof graph> {
  if (graph) return graph;
  throw new Error('no graph is open');
}
