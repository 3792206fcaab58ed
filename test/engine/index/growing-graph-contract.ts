import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { VectormillError } from '../../../core/errors.js';
import type { HnswParameters } from '../../../core/index/index-options.js';
import { unreachableSlots } from '../../../core/index/unreachable-slots.js';
import { readGraphFile, readNodes } from '../../../engine/index/graph-file.js';
import { headMatches, parseGraphHead } from '../../../engine/index/graph-head.js';
import type { GrowingGraph } from '../../../engine/index/growing-graph.js';
import { asHnswRows, newGraph } from '../../../engine/index/usearch.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { eachRow, keysOfShards, randomRows } from './random-rows.js';

/** The parts of a builder of graphs that the contract needs. */
export interface GraphBuilder {
  /** The parameters of the graphs that it builds. */
  parameters: HnswParameters;
  /** Opens an empty graph for `rows` rows. */
  open(rows: number, threads: number): Promise<GrowingGraph>;
}

/** The number of rows that are added in one call. Graphs take more than one call. */
const BATCH = 70;

/**
 * Tests what every builder of graphs must do. Rows of zeros have no direction and are not tested
 * here.
 */
export function describeGrowingGraph(name: string, { parameters, open }: GraphBuilder): void {
  const { dimensions } = parameters;

  /** Adds rows in several calls, under the keys of `keysOfShards`. */
  async function add(graph: GrowingGraph, rows: Float32Array): Promise<void> {
    const count = rows.length / dimensions;
    for (let from = 0; from < count; from += BATCH) {
      const end = Math.min(count, from + BATCH);
      await graph.add(keysOfShards(count).slice(from, end), rows.slice(from * dimensions, end * dimensions));
    }
  }

  /** Returns the whole file of a graph of these rows. */
  async function bytesOf(rows: Float32Array, threads = 1): Promise<Uint8Array> {
    const graph = await open(rows.length / dimensions, threads);
    try {
      await add(graph, rows);
      return await graph.finish();
    } finally {
      await graph.close();
    }
  }

  /** Returns the content of the finished file, read by usearch itself. */
  function read(bytes: Uint8Array) {
    const path = `${temporaryFolder()}/graph`;
    writeFileSync(path, bytes);
    const graph = newGraph(parameters, 64);
    graph.load(path);
    return { path, graph };
  }

  describe(name, () => {
    it.each([0, 1, 3, 300])('finishes a file of %i rows, which says so and holds each row', async (count) => {
      const rows = randomRows(count, dimensions);
      const bytes = await bytesOf(rows);
      expect(headMatches(parseGraphHead(bytes), parameters, count)).toBe(true);
      const { graph } = read(bytes);
      expect(graph.size()).toBe(count);
      for (const key of keysOfShards(count)) expect(graph.contains(key)).toBe(true);
    });

    it.each([1, 2, 4])('puts each row under its own key, with %i threads', async (threads) => {
      const rows = randomRows(400, dimensions);
      const { graph } = read(await bytesOf(rows, threads));
      const prepared = eachRow(asHnswRows(rows, parameters.metric, dimensions), dimensions);
      const found = prepared.filter((row, at) =>
        graph.search(row, 3, 1).keys.includes(keysOfShards(400)[at]!),
      );
      // A row that no path leads to can be found once the graph is mended.
      expect(found.length).toBeGreaterThan(390);
    });

    it('gives the same bytes for the same rows, with one thread', async () => {
      const rows = randomRows(200, dimensions);
      expect(Buffer.compare(await bytesOf(rows), await bytesOf(rows))).toBe(0);
    });

    it('returns the rows that no path leads to, ascending, as they are in the finished file', async () => {
      const rows = randomRows(300, dimensions);
      // Only some of many equal rows are linked.
      for (let row = 60; row < 300; row += 1) rows.copyWithin(row * dimensions, 0, dimensions);
      const graph = await open(300, 1);
      try {
        await add(graph, rows);
        const named = await graph.unreachable();
        const { path } = read(await graph.finish());
        const file = await readGraphFile(path);
        const base = new Int32Array(300 * file.shape.baseConnectivity);
        const { keys } = readNodes(file, base);
        const slots = unreachableSlots(base, file.shape.baseConnectivity, file.shape.entry);
        expect(named.length).toBeGreaterThan(0);
        expect([...named]).toEqual([...BigUint64Array.from(slots, (slot) => keys[slot]!).sort()]);
      } finally {
        await graph.close();
      }
    });

    it('holds a row once that is added again, where a path leads to it', async () => {
      const rows = randomRows(200, dimensions);
      const graph = await open(200, 1);
      try {
        await add(graph, rows);
        const [keys, vectors] = [keysOfShards(200).slice(0, 50), rows.slice(0, 50 * dimensions)];
        await graph.reinsert(keys.slice(), vectors.slice());
        expect(await graph.unreachable()).toHaveLength(0);
        const found = read(await graph.finish()).graph;
        expect(found.size()).toBe(200);
        for (const key of keysOfShards(200)) expect(found.count(key)).toBe(1);
      } finally {
        await graph.close();
      }
    });

    it('finds as many rows near a row as are asked for, nearest first', async () => {
      const rows = randomRows(120, dimensions);
      const graph = await open(120, 1);
      try {
        await add(graph, rows);
        const [some, few] = [keysOfShards(120).slice(0, 4), rows.slice(0, 4 * dimensions)];
        const lists = await graph.nearest(some.slice(), few.slice(), 5);
        expect(lists.map((keys) => new Set(keys).size)).toEqual([5, 5, 5, 5]);
        for (const [row, keys] of lists.entries()) expect(keys[0]).toBe(some[row]);
      } finally {
        await graph.close();
      }
    });

    it('fails after it is closed and does not wait forever, and closing twice is the same as once', async () => {
      const graph = await open(10, 2);
      await graph.close();
      await graph.close();
      await expect(graph.add(keysOfShards(10), randomRows(10, dimensions))).rejects.toBeInstanceOf(
        VectormillError,
      );
    });
  });
}
