import { describe, expect, it } from 'vitest';
import { unreachableSlots } from '../../../core/index/unreachable-slots.js';
import { readGraphFile, readNodes } from '../../../engine/index/graph-file.js';
import { localGraphs, openGraphs, openIndex } from '../../../engine/index/open-index.js';
import { searchIndex } from '../../../engine/index/search-index.js';
import { openStore } from '../../../engine/store/open-store.js';
import type { ReadableVersion } from '../../../engine/version/resolve-version.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { build, SMALL_GRAPHS } from './build.js';
import { eachRow, randomRows } from './random-rows.js';
import { writeVectorVersion } from './vector-version.js';

const DIMENSIONS = 16;
/** Graphs of few dimensions, for which int8 is not precise. Precision is not tested here. */
const ONE_GRAPH = { ...SMALL_GRAPHS, shardRows: 10_000, recallTarget: 0.3 };

function versionOf(files: readonly Float32Array[]): Promise<ReadableVersion> {
  return writeVectorVersion(openStore(temporaryFolder()), { dimensions: DIMENSIONS, files });
}

/**
 * Returns the number of rows that the built graph holds, that no path leads to, and that are
 * attached.
 */
async function lostAndAttached(version: ReadableVersion, name: string) {
  const { manifest } = await openIndex(version, name);
  const [local] = await localGraphs(version, manifest);
  const file = await readGraphFile(local!.path);
  const { rows, baseConnectivity, entry } = file.shape;
  const base = new Int32Array(rows * baseConnectivity);
  const { keys } = readNodes(file, base);
  const [opened] = await openGraphs([local!], manifest);
  const lost = unreachableSlots(base, baseConnectivity, entry).map((slot) => keys[slot]!);
  return { rows, lost: lost.sort(), attached: [...opened!.attached.values()].flat().sort() };
}

/** Rows, 601 of which are equal. */
function withEquals(): Float32Array {
  const rows = randomRows(1000, DIMENSIONS);
  for (let row = 400; row < 1000; row += 1) rows.copyWithin(row * DIMENSIONS, 0, DIMENSIONS);
  return rows;
}

/** Our kernel builds the first, and usearch the second. */
describe.each(['int8', 'float32'] as const)('a graph of %s that was built', (precision) => {
  const request = { ...ONE_GRAPH, precision };

  it('by several threads, some of which lose rows, leads to all rows', async () => {
    // Without mending, one build in two by usearch loses some of 150 rows.
    for (let stream = 0; stream < 6; stream += 1) {
      const version = await versionOf([randomRows(150, DIMENSIONS, stream)]);
      await build(version, 'main', request, 4);
      expect(await lostAndAttached(version, 'main')).toEqual({ rows: 150, lost: [], attached: [] });
    }
  });

  it('by one thread has the same bytes each time, mended or not', async () => {
    const sums = [];
    for (const name of ['one', 'two']) {
      const version = await versionOf([withEquals()]);
      const { manifest } = await build(version, name, request, 1);
      sums.push(manifest.shards[0]!.sha256);
    }
    expect(sums[0]).toBe(sums[1]);
  });
});

describe('a graph of int8 with many equal rows', () => {
  it('attaches each row that no path leads to, whatever the order in which threads add rows', async () => {
    const version = await versionOf([withEquals()]);
    await build(version, 'main', ONE_GRAPH, 2);
    const { lost, attached } = await lostAndAttached(version, 'main');
    expect(lost.length).toBeGreaterThan(100);
    expect(attached).toEqual(expect.arrayContaining(lost));
    const index = await openIndex(version, 'main');
    const [found] = await searchIndex(version, index, [eachRow(withEquals(), DIMENSIONS)[0]!], 400);
    expect(new Set(found!.map(({ rowKey }) => rowKey)).size).toBe(400);
  });

  // Only one thread makes the same graph each time. With two, about one graph in thirty links equal
  // rows to nothing but one another. Other rows are then attached to them, and are taken for near.
  it('finds as many of them as are asked for, loaded or mapped, if one thread built it', async () => {
    const version = await versionOf([withEquals()]);
    await build(version, 'main', ONE_GRAPH, 1);
    const [query] = eachRow(withEquals(), DIMENSIONS);
    for (const mapped of [false, true]) {
      const index = await openIndex(version, 'main', { mapped });
      const [found] = await searchIndex(version, index, [query!], 400);
      expect(new Set(found!.map(({ rowKey }) => rowKey)).size).toBe(400);
      for (const { score } of found!) expect(score).toBeCloseTo(1, 6);
    }
  });
});
