import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { INDEX_METRICS, INDEX_PRECISIONS } from '../../../core/index/index-options.js';
import { normsOf, scorerOf } from '../../../core/index/score.js';
import { readGraphHead } from '../../../engine/index/graph-head.js';
import {
  asHnswRows,
  exactNearest,
  graphMetric,
  graphScalar,
  newGraph,
  USEARCH_VERSION,
} from '../../../engine/index/usearch.js';

const folder = mkdtempSync(join(tmpdir(), 'vectormill-usearch-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const values = (length: number) =>
  fc.array(fc.integer({ min: -50, max: 50 }), { minLength: length, maxLength: length });

describe('exact search', () => {
  it.each(INDEX_METRICS)('by %s finds the rows with the best scores, wherever the arrays begin', (metric) => {
    fc.assert(
      fc.property(values(8 * 40), values(8 * 3), (rowValues, queryValues) => {
        // There is one value too many in front, so that neither array begins where its buffer does.
        const rows = Float32Array.from([7, ...rowValues]).subarray(1);
        const queries = Float32Array.from([7, ...queryValues]).subarray(1);
        const dimensions = 8;
        const norms = normsOf(rows, dimensions);
        const prepared = [rows, queries].map((some) => asHnswRows(some, metric, dimensions));
        const found = exactNearest(prepared[0]!, prepared[1]!, { metric, dimensions }, 5);
        for (const [query, { keys }] of found.entries()) {
          const score = scorerOf(metric, queries.subarray(query * dimensions, (query + 1) * dimensions));
          const scores = [...norms].map((norm, row) =>
            score({ vectors: rows, start: row * dimensions, norm }),
          );
          const best = [...scores].sort((a, b) => b - a).slice(0, 5);
          for (const [rank, key] of [...keys].entries())
            expect(scores[Number(key)]).toBeCloseTo(best[rank]!, 4);
        }
      }),
      { numRuns: 30 },
    );
  });

  it('answers every query where one call could not hold the distances of all', () => {
    const rows = Float32Array.from({ length: 4 * 30_000 }, (_, index) => (index * 7919) % 1009);
    const queries = rows.slice(4 * 100, 4 * 300);
    const found = exactNearest(rows, queries, { metric: 'l2', dimensions: 4 }, 1);
    expect(found).toHaveLength(200);
    expect(found.every(({ distances }) => distances[0] === 0)).toBe(true);
  });
});

describe('the head of a graph', () => {
  it.each(INDEX_PRECISIONS)(
    'names rows, dimensions, metric and precision of a graph that is kept as %s',
    async (precision) => {
      for (const metric of INDEX_METRICS) {
        const parameters = { metric, precision, dimensions: 24, connectivity: 4, expansionAdd: 10 };
        const graph = newGraph(parameters, 10);
        graph.add(
          5n,
          Float32Array.from({ length: 24 }, (_, index) => index - 12),
          1,
        );
        const path = join(folder, `${precision}-${metric}.usearch`);
        graph.save(path);
        expect(await readGraphHead(path)).toEqual({
          version: USEARCH_VERSION,
          metric: graphMetric(parameters),
          scalar: graphScalar(precision),
          dimensions: 24,
          rows: 1,
        });
      }
    },
  );

  it.each([
    ['an empty file', ''],
    ['a text', 'this is no graph, and long enough to be taken for one by its size alone'.repeat(9)],
  ])('is not found in %s', async (name, text) => {
    const path = join(folder, `${name}.usearch`);
    writeFileSync(path, text);
    expect(await readGraphHead(path)).toBeUndefined();
  });
});
