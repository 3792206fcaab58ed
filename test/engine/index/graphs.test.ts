import type { HnswParameters } from '../../../core/index/index-options.js';
import { KernelGraph } from '../../../engine/index/kernel-graph.js';
import { MemoryGraph } from '../../../engine/index/memory-graph.js';
import { NumberedGraph } from '../../../engine/index/numbered-graph.js';
import { newGraph } from '../../../engine/index/usearch.js';
import { UsearchGraph } from '../../../engine/index/usearch-graph.js';
import { describeGrowingGraph } from './growing-graph-contract.js';
import { describeSearchableGraph } from './searchable-graph-contract.js';

const INT8: HnswParameters = {
  metric: 'cosine',
  precision: 'int8',
  dimensions: 24,
  connectivity: 8,
  expansionAdd: 64,
};
const FLOAT32: HnswParameters = { ...INT8, metric: 'l2', precision: 'float32' };

describeGrowingGraph('a graph of int8 that our kernel builds', {
  parameters: INT8,
  open: (rows, threads) => KernelGraph.open(INT8, rows, threads),
});
for (const parameters of [INT8, FLOAT32])
  describeGrowingGraph(`a graph of ${parameters.precision} that usearch builds`, {
    parameters,
    open: (_, threads) => UsearchGraph.open(parameters, threads),
  });

describeSearchableGraph('a graph in memory that our kernel searches', {
  parameters: INT8,
  open: async (path, expansionSearch) => (await MemoryGraph.read(path, expansionSearch))!,
});
describeSearchableGraph('a graph that usearch searches by the numbers of its rows', {
  parameters: FLOAT32,
  open: (path, expansionSearch) => NumberedGraph.read(path, FLOAT32, expansionSearch),
});
for (const parameters of [INT8, FLOAT32])
  for (const way of ['load', 'view'] as const)
    describeSearchableGraph(`a graph of ${parameters.precision} that usearch searches by ${way}`, {
      parameters,
      open: async (path, expansionSearch) => {
        const graph = newGraph(parameters, expansionSearch);
        graph[way](path);
        return graph;
      },
    });
