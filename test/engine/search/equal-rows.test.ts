import { describe, expect, test } from 'vitest';
import { compareIds } from '../../../core/ids.js';
import { INDEX_METRICS, type IndexMetric } from '../../../core/index/index-options.js';
import { scorerOf } from '../../../core/index/score.js';
import { searchExactly } from '../../../engine/index/exact-search.js';
import { IndexWorker } from '../../../engine/index/index-worker.js';
import { readVectors } from '../../../engine/index/version-vectors.js';
import { exactCandidates } from '../../../engine/mining/exact-candidates.js';
import { exactRows } from '../../../engine/search/exact-rows.js';
import { openStore } from '../../../engine/store/open-store.js';
import type { ReadableVersion } from '../../../engine/version/resolve-version.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { eachRow, randomRows } from '../index/random-rows.js';
import { writeVectorVersion } from '../index/vector-version.js';

const DIMENSIONS = 24;
const EQUAL = 10_000;
const OTHERS = 200;
const K = 12;

/** Rows of length 1, of which many are equal. */
const [equal, ...others] = eachRow(randomRows(OTHERS + 1, DIMENSIONS), DIMENSIONS);
const rows = [...Array.from({ length: EQUAL }, () => equal!), ...others].map((vector, number) => ({
  id: `doc-${number}#0`,
  vector,
}));
/** Queries far from the equal rows, and nearer and nearer to them. */
const queries = eachRow(randomRows(4, DIMENSIONS, 1), DIMENSIONS).map((query, number) =>
  query.map((value, at) => value + number * 0.4 * equal![at]!),
);
const matrix = Float32Array.from(queries.flatMap((query) => [...query]));

/** Writes the rows in an order of their own, in files of `fileRows`. */
async function versionOf(order: readonly (typeof rows)[number][], fileRows: number) {
  const files = Array.from({ length: Math.ceil(order.length / fileRows) }, (_, file) =>
    order.slice(file * fileRows, (file + 1) * fileRows),
  );
  return writeVectorVersion(openStore(temporaryFolder()), {
    dimensions: DIMENSIONS,
    files: files.map((file) => Float32Array.from(file.flatMap(({ vector }) => [...vector]))),
    ids: files.map((file) => file.map(({ id }) => id)),
  });
}

async function idsOf(version: ReadableVersion): Promise<string[]> {
  const ids: string[] = [];
  for (const part of version.parts) ids.push(...(await readVectors(version, part)).chunkIds);
  return ids;
}

/** Returns the ids of the best rows for each query. */
function bestIds(metric: IndexMetric): string[][] {
  return queries.map((query) => {
    const score = scorerOf(metric, query);
    return rows
      .map(({ id, vector }) => ({
        id,
        score: score({ vectors: vector, start: 0, norm: Math.hypot(...vector) }),
      }))
      .sort((a, b) => b.score - a.score || compareIds(a.id, b.id))
      .slice(0, K)
      .map(({ id }) => id);
  });
}

describe('ten thousand equal rows among others, in any order and in any files', () => {
  test('are ordered by chunk id in exact search and among the candidates of mining', async () => {
    const worker = new IndexWorker();
    const run = { signal: new AbortController().signal, onProgress: () => {} };
    for (const version of [await versionOf(rows, 11_000), await versionOf(rows.toReversed(), 3_000)]) {
      const ids = await idsOf(version);
      for (const metric of INDEX_METRICS) {
        const truth = bestIds(metric);
        expect(truth.some((best) => best.some((id) => Number(/\d+/.exec(id)![0]) < EQUAL))).toBe(true);
        for (const [number, query] of queries.entries()) {
          const { nearest } = await exactRows(version, metric, query, { k: K });
          expect(nearest.map(({ row }) => ids[row])).toEqual(truth[number]);
        }
        const read = (part: Parameters<typeof readVectors>[1]) => readVectors(version, part);
        const search = { worker, parts: version.parts, read };
        const lists = await searchExactly(search, matrix.slice(), { metric, dimensions: DIMENSIONS }, K);
        expect(lists.map((list) => list.map(({ chunkId }) => chunkId))).toEqual(truth);
      }
      const request = { queries: matrix, k: K, isCandidate: () => true, wanted: queries.map(() => []) };
      const { candidates } = await exactCandidates(version, request, run);
      expect(candidates.map((list) => list.map(({ row }) => ids[row]!))).toEqual(bestIds('cosine'));
    }
    await worker.close();
  });
});
