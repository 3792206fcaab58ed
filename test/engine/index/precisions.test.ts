import { describe, expect, it } from 'vitest';
import { INDEX_METRICS, INDEX_PRECISIONS } from '../../../core/index/index-options.js';
import { recallOf } from '../../../core/index/neighbour.js';
import { scorerOf } from '../../../core/index/score.js';
import { openIndex } from '../../../engine/index/open-index.js';
import { searchIndex } from '../../../engine/index/search-index.js';
import { readVectors } from '../../../engine/index/version-vectors.js';
import { openStore } from '../../../engine/store/open-store.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { build, SMALL_GRAPHS } from './build.js';
import { eachRow, randomRows } from './random-rows.js';
import { writeVectorVersion } from './vector-version.js';

const DIMENSIONS = 64;
const K = 10;

describe('a graph', () => {
  it.each(INDEX_METRICS)('by %s finds what comparing all rows finds, in every precision', async (metric) => {
    const files = [randomRows(300, DIMENSIONS), randomRows(200, DIMENSIONS, 1)];
    const version = await writeVectorVersion(openStore(temporaryFolder()), { dimensions: DIMENSIONS, files });
    const decoded = await Promise.all([...version.parts].map((part) => readVectors(version, part)));
    const queries = eachRow(randomRows(40, DIMENSIONS, 2), DIMENSIONS);
    const truths = queries.map((query) => {
      const score = scorerOf(metric, query);
      return decoded
        .flatMap(({ rowKeys, vectors, norms }) =>
          [...rowKeys].map((rowKey, row) => ({
            rowKey,
            score: score({ vectors, start: row * DIMENSIONS, norm: norms[row]! }),
          })),
        )
        .sort((a, b) => b.score - a.score);
    });
    for (const precision of INDEX_PRECISIONS) {
      const request = { ...SMALL_GRAPHS, shardRows: 1000, metric, precision };
      const { manifest } = await build(version, precision, request);
      expect(manifest).toMatchObject({ kind: 'hnsw', graph: { metric, precision } });
      const index = await openIndex(version, precision);
      const found = await searchIndex(version, index, queries, K);
      const recalls = found.map((list, query) => recallOf(list, truths[query]!.slice(0, K)));
      const mean = recalls.reduce((sum, recall) => sum + recall, 0) / recalls.length;
      expect({ precision, mean, enough: mean >= 0.9 }).toMatchObject({ enough: true });
      for (const [query, list] of found.entries()) {
        const exact = new Map(truths[query]!.map(({ rowKey, score }) => [rowKey, score]));
        expect(list).toHaveLength(K);
        for (const { rowKey, score } of list) expect(score).toBe(exact.get(rowKey));
      }
      await index.close();
    }
  });

  it.each(['int8', 'binary'] as const)(
    'of %s is refused where lengths matter, because it does not keep them',
    async (precision) => {
      const long = randomRows(50, DIMENSIONS).map((value) => value * 2);
      const files = [randomRows(50, DIMENSIONS), long];
      const version = await writeVectorVersion(openStore(temporaryFolder()), {
        dimensions: DIMENSIONS,
        files,
      });
      await expect(
        build(version, 'main', { ...SMALL_GRAPHS, metric: 'dot', precision }),
      ).rejects.toMatchObject({
        code: 'USAGE',
        message: expect.stringContaining('lengths from 1.000 to 2.000'),
      });
    },
  );
});
