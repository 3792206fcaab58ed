import { expect, it } from 'vitest';
import type { HnswParameters } from '../../../core/index/index-options.js';
import { rowsInVersion } from '../../../core/listed-rows.js';
import { type OpenGraph, searchHnswGraphs } from '../../../engine/index/graph-search.js';
import { VersionVectors } from '../../../engine/index/version-vectors.js';
import { openStore } from '../../../engine/store/open-store.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { firstNight, nightAfter } from './nights.js';
import { eachRow, randomRows } from './random-rows.js';

const DIMENSIONS = 8;
const parameters: HnswParameters = {
  metric: 'cosine',
  precision: 'float32',
  dimensions: DIMENSIONS,
  connectivity: 8,
  expansionAdd: 32,
};

it('all live rows of a graph are compared if the graph leads to too few of them', async () => {
  const parent = await firstNight(openStore(temporaryFolder()), DIMENSIONS, [randomRows(60, DIMENSIONS)]);
  const version = await nightAfter(parent, { deadShare: 0.5, files: [] }, 1);
  const listed = [...parent.parts].map(({ vectors, live }) => ({ ...vectors, shard: 0, live }));
  const { living, dead } = rowsInVersion(listed, version.parts);
  const isDead = (key: bigint) => dead.some(({ first, end }) => key >= first && key < end);
  const keys = Array.from({ length: 60 }, (_, row) => BigInt(row));
  // However many rows are asked for, this graph gives dead ones and one that lives.
  const given = [...keys.filter(isDead), keys.find((key) => !isDead(key))!];
  const asked: number[] = [];
  const graph: OpenGraph = {
    graph: {
      size: () => 60,
      search: (_, count) => {
        asked.push(count);
        const found = BigUint64Array.from(given.slice(0, count));
        return { keys: found, distances: Float32Array.from(found, (_key, place) => place) };
      },
    },
    attached: new Map(),
    mask: { living, isDead },
  };
  const [query] = eachRow(randomRows(1, DIMENSIONS, 4), DIMENSIONS);
  const source = new VersionVectors(version);
  const found = await searchHnswGraphs({ graphs: [graph], parameters }, source, query!, {
    k: 5,
    oversampling: 1,
  });
  const all = await searchHnswGraphs({ graphs: [graph], parameters }, source, query!, {
    k: 60,
    oversampling: 1,
  });
  expect(asked.slice(0, 4)).toEqual([11, 22, 44, 60]);
  expect(all.map(({ rowKey }) => rowKey).sort()).toEqual(keys.filter((key) => !isDead(key)).sort());
  expect(found).toEqual(all.slice(0, 5));
});
