import type { Index } from 'usearch';
import type { GraphParameters } from '../../core/index/index-options.js';
import type { IndexReply, IndexTask } from './index-task.js';
import { asGraphRows, exactNearest, newGraph } from './usearch.js';

/** The graph that is being built; one a thread. */
let graph: { index: Index; parameters: GraphParameters } | undefined;

/** The thread's only function. usearch keeps its caller waiting, so it is called here and not where heartbeats come from. */
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
      index.add(task.keys, asGraphRows(task.vectors, parameters.metric, parameters.dimensions), task.threads);
      return [];
    }
    case 'again': {
      const { index, parameters } = opened();
      index.remove(task.keys);
      index.add(task.keys, asGraphRows(task.vectors, parameters.metric, parameters.dimensions), 1);
      return [];
    }
    case 'near': {
      const { index, parameters } = opened();
      const { metric, dimensions } = parameters;
      const rows = asGraphRows(task.vectors, metric, dimensions);
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
