import { describe, expect, it } from 'vitest';
import type { HnswParameters } from '../../../core/index/index-options.js';
import type { SearchableGraph } from '../../../engine/index/graph-search.js';
import { asHnswRows, newGraph } from '../../../engine/index/usearch.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { eachRow, keysOfShards, randomRows } from './random-rows.js';

/** The parts of a reader of graphs that the contract needs. */
export interface GraphReader {
  /** The parameters of the graphs that it reads. */
  parameters: HnswParameters;
  /** Opens a file for searches with this ef. */
  open(path: string, expansionSearch: number): Promise<SearchableGraph>;
}

const EXPANSION = 64;

/** Tests what every reader that searches a graph's file must do. */
export function describeSearchableGraph(name: string, { parameters, open }: GraphReader): void {
  const { metric, dimensions } = parameters;

  /** Returns a graph of these rows that usearch builds and the reader opens. */
  async function graphOf(rows: Float32Array): Promise<SearchableGraph> {
    const count = rows.length / dimensions;
    const built = newGraph(parameters, 0);
    if (count > 0) built.add(keysOfShards(count), asHnswRows(rows, metric, dimensions), 1);
    const path = `${temporaryFolder()}/graph`;
    built.save(path);
    return open(path, EXPANSION);
  }
  const prepared = (rows: Float32Array) => eachRow(asHnswRows(rows, metric, dimensions), dimensions);

  describe(name, () => {
    it('gives the keys of different rows and their distances, nearest first', async () => {
      const graph = await graphOf(randomRows(300, dimensions));
      expect(graph.size()).toBe(300);
      for (const query of prepared(randomRows(20, dimensions, 2))) {
        const { keys, distances } = graph.search(query, 10, 1);
        expect(new Set(keys).size).toBe(10);
        expect(distances).toHaveLength(10);
        expect([...distances]).toEqual([...distances].sort((a, b) => a - b));
      }
    });

    it('finds each row by itself, and what comparing with all rows finds', async () => {
      const rows = randomRows(300, dimensions);
      const graph = await graphOf(rows);
      const own = prepared(rows).filter((row, at) =>
        graph.search(row, 2, 1).keys.includes(keysOfShards(300)[at]!),
      );
      expect(own.length).toBeGreaterThan(295);
      const whole = await open300(rows);
      const queries = prepared(randomRows(40, dimensions, 3));
      const recalls = queries.map((query) => {
        const truth = new Set(whole.search(query, 10, 1).keys);
        return [...graph.search(query, 10, 1).keys].filter((key) => truth.has(key)).length / 10;
      });
      expect(recalls.reduce((sum, recall) => sum + recall, 0) / 40).toBeGreaterThan(0.9);
    });

    /** Returns the same rows, with an ef so large that no row is missed. */
    async function open300(rows: Float32Array): Promise<SearchableGraph> {
      const built = newGraph(parameters, 300);
      built.add(keysOfShards(300), asHnswRows(rows, metric, dimensions), 1);
      return built;
    }

    it('gives fewer rows than are asked for only if there are fewer', async () => {
      const graph = await graphOf(randomRows(20, dimensions));
      for (const query of prepared(randomRows(3, dimensions, 4)))
        expect([...graph.search(query, 20, 1).keys.sort()]).toEqual([...keysOfShards(20)]);
    });

    it('finds more rows than its ef if more are asked for', async () => {
      const graph = await graphOf(randomRows(300, dimensions));
      const [query] = prepared(randomRows(1, dimensions, 5));
      expect(new Set(graph.search(query!, 2 * EXPANSION, 1).keys).size).toBe(2 * EXPANSION);
    });

    it('answers the same query the same each time', async () => {
      const graph = await graphOf(randomRows(300, dimensions));
      const [query, other] = prepared(randomRows(2, dimensions, 6));
      const first = graph.search(query!, 7, 1);
      graph.search(other!, 7, 1);
      expect(graph.search(query!, 7, 1)).toEqual(first);
    });

    it('takes a graph of one row, and a query of zeros', async () => {
      const graph = await graphOf(randomRows(1, dimensions));
      expect([...graph.search(new Float32Array(dimensions), 1, 1).keys]).toEqual([...keysOfShards(1)]);
    });
  });
}
