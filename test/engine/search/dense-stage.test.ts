import { describe, expect, test } from 'vitest';
import type { IndexMetric } from '../../../core/index/index-options.js';
import { type OpenIndex, openIndex } from '../../../engine/index/open-index.js';
import { type DenseStage, denseStage } from '../../../engine/search/dense-stage.js';
import { exactRows } from '../../../engine/search/exact-rows.js';
import type { ReadableVersion } from '../../../engine/version/resolve-version.js';
import { testEmbedder } from '../../support/test-embedder.js';
import { build } from '../index/build.js';
import { testVersion } from '../index/support.js';

const ROWS = 300;
const QUERY = 'a text that no document has';

async function indexed(
  version: ReadableVersion,
  exactBelow: number,
  metric: IndexMetric,
): Promise<OpenIndex> {
  const name = `${metric}-${exactBelow}`;
  await build(version, name, {
    metric,
    precision: 'float32',
    recallTarget: 0.9,
    exactBelow,
    shardRows: 100,
  });
  return openIndex(version, name);
}

/** Returns 1 for every row that `isAllowed` accepts. */
const allowedWhere = (isAllowed: (row: number) => boolean) =>
  Uint8Array.from({ length: ROWS }, (_, row) => (isAllowed(row) ? 1 : 0));

const FILTERS: [string, Uint8Array | undefined][] = [
  ['all rows', undefined],
  ['every second row', allowedWhere((row) => row % 2 === 0)],
  ['one row in fifty', allowedWhere((row) => row % 50 === 7)],
  ['one row', allowedWhere((row) => row === 123)],
  ['the rows of one file', allowedWhere((row) => row >= 50 && row < 100)],
  ['no row', allowedWhere(() => false)],
];

describe.each([
  ['graphs', 0],
  ['an exact index', 1e6],
] as const)('the dense stage by %s', (_, exactBelow) => {
  test.each(['cosine', 'l2'] as const)('finds by %s what comparing all rows finds', async (metric) => {
    const version = await testVersion(ROWS);
    const index = await indexed(version, exactBelow, metric);
    const byIndex = denseStage(version, testEmbedder(), index);
    const { vectors } = await testEmbedder().embed([QUERY]);
    for (const [, allowed] of FILTERS) {
      for (const k of [1, 10, 1000]) {
        const { nearest } = await byIndex(QUERY, { k, allowed });
        const truth = await exactRows(version, metric, vectors, { k, allowed });
        expect(nearest.map(({ row }) => row)).toEqual(truth.nearest.map(({ row }) => row));
        for (const [place, { score }] of nearest.entries())
          expect(score).toBeCloseTo(truth.nearest[place]!.score, 12);
      }
    }
    await index.close();
  });
});

test.each<[string, (version: ReadableVersion) => Promise<DenseStage>]>([
  ['comparison', async (version) => denseStage(version, testEmbedder())],
  ['an index', async (version) => denseStage(version, testEmbedder(), await indexed(version, 0, 'cosine'))],
])('the dense stage by %s scores rows that it does not find', async (_, stageOf) => {
  const version = await testVersion(ROWS);
  const dense = await stageOf(version);
  const also = new Set([0, 49, 50, 151, 299]);
  const { nearest, scores, queryTokens } = await dense(QUERY, { k: 1, also });
  const all = await dense(QUERY, { k: ROWS });
  expect(nearest).toEqual(all.nearest.slice(0, 1));
  expect([...scores.keys()].sort((a, b) => a - b)).toEqual([...also]);
  for (const [row, score] of scores)
    expect(score).toBeCloseTo(all.nearest.find((other) => other.row === row)!.score, 12);
  expect(queryTokens).toBeGreaterThan(5);
});
