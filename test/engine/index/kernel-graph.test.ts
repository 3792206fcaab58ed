import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { HnswParameters } from '../../../core/index/index-options.js';
import { unreachableSlots } from '../../../core/index/unreachable-slots.js';
import { chooseBuilder, isBuiltByKernel } from '../../../engine/index/choose-builder.js';
import { readGraphFile, readNodes } from '../../../engine/index/graph-file.js';
import { KernelGraph } from '../../../engine/index/kernel-graph.js';
import { MemoryGraph } from '../../../engine/index/memory-graph.js';
import { mendGraph } from '../../../engine/index/mend-graph.js';
import { asHnswRows, newGraph } from '../../../engine/index/usearch.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { eachRow, keysOf, randomRows } from './random-rows.js';

const EXPANSION = 48;
/** The number of rows that are added at once. Each graph takes more than one call. */
const BATCH = 150;

function parametersOf(dimensions: number, more: Partial<HnswParameters> = {}): HnswParameters {
  return { metric: 'cosine', precision: 'int8', dimensions, connectivity: 8, expansionAdd: 64, ...more };
}

/** Writes the file of a graph of these rows, whose keys begin at 1,000. */
async function buildFile(rows: Float32Array, parameters: HnswParameters, threads: number): Promise<string> {
  const { dimensions } = parameters;
  const count = rows.length / dimensions;
  const graph = await KernelGraph.open(parameters, count, threads);
  try {
    for (let row = 0; row < count; row += BATCH)
      await graph.add(
        keysOf(count).slice(row, row + BATCH),
        rows.slice(row * dimensions, (row + BATCH) * dimensions),
      );
    const vectorsOf = async (keys: BigUint64Array) =>
      Float32Array.from(
        [...keys].flatMap((key) => [
          ...rows.subarray((Number(key) - 1000) * dimensions, (Number(key) - 999) * dimensions),
        ]),
      );
    await mendGraph(graph, vectorsOf);
    const path = `${temporaryFolder()}/graph`;
    writeFileSync(path, await graph.finish());
    return path;
  } finally {
    await graph.close();
  }
}

function mapped(path: string, parameters: HnswParameters) {
  const graph = newGraph(parameters, EXPANSION);
  graph.view(path);
  return graph;
}

describe('a graph that our kernel builds', () => {
  it.each([1, 2, 4])('by %i threads leads to every row, each under its own key', async (threads) => {
    const dimensions = 24;
    for (let stream = 0; stream < 3; stream += 1) {
      const rows = randomRows(700, dimensions, stream);
      const path = await buildFile(rows, parametersOf(dimensions), threads);
      const graph = (await MemoryGraph.read(path, EXPANSION))!;
      const found = eachRow(rows, dimensions).map((row) => graph.search(row, 3).keys);
      expect(found.filter((keys, row) => !keys.includes(BigInt(1000 + row)))).toEqual([]);
    }
  });

  it.each([3, 20, 64, 100])(
    'of %i dimensions is searched alike by usearch and in memory',
    async (dimensions) => {
      const parameters = parametersOf(dimensions);
      const path = await buildFile(randomRows(500, dimensions), parameters, 2);
      const [theirs, ours] = [mapped(path, parameters), (await MemoryGraph.read(path, EXPANSION))!];
      expect(theirs.size()).toBe(500);
      const queries = eachRow(randomRows(100, dimensions, 3), dimensions);
      const same = queries.filter((query) => {
        const scores = [theirs.search(query, 10, 1), ours.search(query, 10)].map(
          ({ distances }) => `${distances}`,
        );
        return scores[0] === scores[1];
      });
      // Few dimensions give equal scores on the way, after which the two searches may take
      // different paths.
      expect(same.length).toBeGreaterThan(dimensions < 20 ? 80 : 97);
    },
  );

  it.each([1, 2, 3])('of %i rows holds them all', async (count) => {
    for (const threads of [1, 2]) {
      const rows = randomRows(count, 16);
      const path = await buildFile(rows, parametersOf(16), threads);
      const graph = (await MemoryGraph.read(path, EXPANSION))!;
      const [query] = eachRow(rows, 16);
      expect([...graph.search(query!, 5).keys].sort()).toEqual([...keysOf(count)]);
      expect([...mapped(path, parametersOf(16)).search(query!, 5, 1).keys].sort()).toEqual([
        ...keysOf(count),
      ]);
    }
  });

  it('of no rows is a file that says so', async () => {
    const path = await buildFile(new Float32Array(), parametersOf(16), 1);
    expect((await MemoryGraph.read(path, EXPANSION))!.size()).toBe(0);
    expect(mapped(path, parametersOf(16)).size()).toBe(0);
  });

  it('takes rows of zeros', async () => {
    const rows = randomRows(40, 16);
    rows.fill(0, 0, 5 * 16);
    const graph = (await MemoryGraph.read(await buildFile(rows, parametersOf(16), 1), EXPANSION))!;
    expect(graph.search(new Float32Array(16), 40).keys).toHaveLength(40);
  });

  it('finds what a graph of the same parameters by usearch finds', async () => {
    const [dimensions, k] = [32, 10];
    const parameters = parametersOf(dimensions, { connectivity: 6, expansionAdd: 32 });
    const rows = randomRows(4000, dimensions);
    const queries = eachRow(randomRows(300, dimensions, 5), dimensions);
    const usearch = newGraph(parameters, 0);
    usearch.add(keysOf(4000), asHnswRows(rows, 'cosine', dimensions), 1);
    const theirs = `${temporaryFolder()}/usearch`;
    usearch.save(theirs);
    const exact = (await MemoryGraph.read(theirs, 4000))!;
    const truths = queries.map((query) => new Set(exact.search(query, k).keys));
    const recalls = [];
    for (const path of [theirs, await buildFile(rows, parameters, 1), await buildFile(rows, parameters, 2)]) {
      const graph = (await MemoryGraph.read(path, 16))!;
      const hits = queries.map(
        (query, at) => [...graph.search(query, k).keys].filter((key) => truths[at]!.has(key)).length,
      );
      recalls.push(hits.reduce((sum, found) => sum + found, 0) / (k * queries.length));
    }
    expect(recalls[0]).toBeLessThan(0.98);
    expect(recalls[1]).toBeGreaterThan(recalls[0]! - 0.02);
    expect(recalls[2]).toBeGreaterThan(recalls[0]! - 0.02);
  });

  it('links a row that is added again to other rows once, and never to itself', async () => {
    const parameters = parametersOf(16, { connectivity: 4 });
    const graph = await KernelGraph.open(parameters, 300, 1);
    const rows = randomRows(300, 16);
    await graph.add(keysOf(300), rows);
    const again = keysOf(300).filter((key) => key % 3n === 0n);
    await graph.reinsert(again);
    const [first] = await graph.nearest(again, rows, 5);
    expect([...first!]).toContain(again[0]);
    const path = `${temporaryFolder()}/graph`;
    writeFileSync(path, await graph.finish());
    const file = await readGraphFile(path);
    const base = new Int32Array(300 * file.shape.baseConnectivity);
    const { upper } = readNodes(file, base);
    expect(unreachableSlots(base, file.shape.baseConnectivity, file.shape.entry)).toEqual([]);
    for (let slot = 0; slot < 300; slot += 1) {
      const list = base.subarray(slot * 8, (slot + 1) * 8);
      const lowest = list.subarray(0, list.includes(-1) ? list.indexOf(-1) : 8);
      for (const links of [lowest, ...(upper.get(slot) ?? [])]) {
        expect(new Set(links).size).toBe(links.length);
        expect(links).not.toContain(slot);
      }
    }
  });

  it('fails if its threads are gone, and does not wait forever', async () => {
    const graph = await KernelGraph.open(parametersOf(16), 10, 2);
    await graph.close();
    await expect(graph.add(keysOf(10), randomRows(10, 16))).rejects.toMatchObject({ code: 'SESSION_LOST' });
  });
});

describe('what builds a graph', () => {
  it('is our kernel for int8 by inner product, and usearch for everything else', () => {
    expect(chooseBuilder(parametersOf(384), 500_000)).toBe('vectormill 1');
    expect(chooseBuilder(parametersOf(384, { metric: 'dot' }), 10)).toBe('vectormill 1');
    for (const other of [{ metric: 'l2' }, { precision: 'bfloat16' }, { precision: 'binary' }] as const)
      expect(chooseBuilder(parametersOf(384, other), 10)).toBe('usearch 2.21.4');
  });

  it('is usearch if the rows do not fit into the memory that a kernel can address', () => {
    expect(isBuiltByKernel(parametersOf(384), 4_000_000)).toBe(true);
    expect(isBuiltByKernel(parametersOf(384), 10_000_000)).toBe(false);
    expect(chooseBuilder(parametersOf(384), 10_000_000)).toBe('usearch 2.21.4');
  });
});
