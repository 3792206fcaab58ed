import { describe, expect, it } from 'vitest';
import type { HnswParameters } from '../../../core/index/index-options.js';
import { MemoryGraph } from '../../../engine/index/memory-graph.js';
import { asHnswRows, newGraph } from '../../../engine/index/usearch.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { eachRow, randomRows } from './random-rows.js';

const EXPANSION = 32;

function parametersOf(dimensions: number): HnswParameters {
  return { metric: 'cosine', precision: 'int8', dimensions, connectivity: 8, expansionAdd: 64 };
}

/** Returns the same graph in usearch and in memory. Keys begin at 1,000. */
async function bothOf(rows: Float32Array, parameters: HnswParameters) {
  const count = rows.length / parameters.dimensions;
  const graph = newGraph(parameters, EXPANSION);
  const keys = BigUint64Array.from({ length: count }, (_, row) => BigInt(1000 + row));
  if (count > 0) graph.add(keys, asHnswRows(rows, parameters.metric, parameters.dimensions), 1);
  const path = `${temporaryFolder()}/graph`;
  graph.save(path);
  return { graph, memory: (await MemoryGraph.read(path, EXPANSION))! };
}

/**
 * Returns the scores, and the keys of all rows that are nearer than the last. Where rows at the end
 * are equal, any of them may be left out.
 */
function decided({ keys, distances }: { keys: BigUint64Array; distances: Float32Array }) {
  const last = distances.at(-1);
  return {
    distances: [...distances],
    nearer: [...keys].filter((_, rank) => distances[rank] !== last).sort(),
  };
}

describe('a graph in memory', () => {
  // Rows that are shorter than a cache line, exactly one, longer, and of a length that is not a
  // multiple of any step.
  it.each([3, 32, 64, 100, 384])('of %i dimensions finds what usearch finds', async (dimensions) => {
    const { graph, memory } = await bothOf(randomRows(700, dimensions), parametersOf(dimensions));
    expect(memory.size()).toBe(700);
    let same = 0;
    const queries = eachRow(randomRows(300, dimensions, 3), dimensions);
    for (const query of queries) {
      const theirs = decided(graph.search(query, 12, 1));
      const ours = decided(memory.search(query, 12));
      expect(ours.distances).toHaveLength(12);
      if (JSON.stringify(ours, asText) === JSON.stringify(theirs, asText)) same += 1;
    }
    // There are more than 255 searches, so that the marks of seen rows are used again. At equal
    // scores, the two searches may take different paths.
    expect(same / queries.length).toBeGreaterThan(dimensions < 32 ? 0.8 : 0.98);
  });

  it('gives fewer rows only if there are fewer, and each once', async () => {
    const { memory } = await bothOf(randomRows(20, 16), parametersOf(16));
    for (const query of eachRow(randomRows(5, 16, 2), 16)) {
      const { keys, distances } = memory.search(query, 50);
      expect([...keys].sort()).toEqual(Array.from({ length: 20 }, (_, row) => BigInt(1000 + row)));
      expect([...distances]).toEqual([...distances].sort((a, b) => a - b));
    }
  });

  it('takes a single row, no row, and a query of zeros', async () => {
    const { memory: one } = await bothOf(randomRows(1, 16), parametersOf(16));
    expect([...one.search(randomRows(1, 16, 1), 5).keys]).toEqual([1000n]);
    expect([...one.search(new Float32Array(16), 5).distances]).toEqual([1]);
    const { memory } = await bothOf(new Float32Array(0), parametersOf(16));
    expect(memory.search(randomRows(1, 16, 1), 5).keys).toHaveLength(0);
  });
});

function asText(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? `${value}` : value;
}
