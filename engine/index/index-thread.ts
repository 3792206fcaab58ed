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
