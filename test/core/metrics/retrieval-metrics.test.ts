import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  averagePrecisionAt,
  meanMetrics,
  metricsOf,
  ndcgAt,
  recallAt,
  reciprocalRankAt,
} from '../../../core/metrics/retrieval-metrics.js';

const JUDGEMENTS = new Map([
  ['a', 3],
  ['b', 1],
  ['c', 0],
  ['absent', 2],
]);
const RANKING = ['x', 'a', 'c', 'b'];

describe('a case computed by hand', () => {
  test('recall counts a relevant document that was not retrieved', () => {
    expect([1, 2, 4, 10].map((k) => recallAt(RANKING, JUDGEMENTS, k))).toEqual([0, 1 / 3, 2 / 3, 2 / 3]);
  });

  test('the reciprocal rank is cut at k', () => {
    expect([1, 2, 4].map((k) => reciprocalRankAt(RANKING, JUDGEMENTS, k))).toEqual([0, 0.5, 0.5]);
  });

  test('average precision treats every grade above 0 alike', () => {
    expect(averagePrecisionAt(RANKING, JUDGEMENTS, 4)).toBeCloseTo((1 / 2 + 2 / 4) / 3, 12);
    expect(averagePrecisionAt(RANKING, JUDGEMENTS, 3)).toBeCloseTo(1 / 2 / 3, 12);
  });

  test('nDCG uses the grade itself as the gain', () => {
    const ideal = 3 + 2 / Math.log2(3) + 1 / 2;
    expect(ndcgAt(RANKING, JUDGEMENTS, 4)).toBeCloseTo((3 / Math.log2(3) + 1 / Math.log2(5)) / ideal, 12);
  });

  test('a negative grade gains nothing and takes nothing away', () => {
    expect(
      ndcgAt(
        ['n', 'a'],
        new Map([
          ['n', -2],
          ['a', 1],
        ]),
        10,
      ),
    ).toBeCloseTo(1 / Math.log2(3), 12);
  });

  test('queries without a relevant document count as 0 in the mean', () => {
    const queries = [
      { ranking: ['a'], judgements: new Map([['a', 1]]) },
      { ranking: ['a'], judgements: new Map([['a', 0]]) },
    ];
    expect(new Set(Object.values(meanMetrics(queries, [1, 10])))).toEqual(new Set([0.5]));
    expect(meanMetrics([], [10])).toEqual({ 'ndcg@10': 0, 'map@10': 0, 'recall@10': 0, 'mrr@10': 0 });
  });
});

const judged = fc.uniqueArray(fc.nat(40), { minLength: 1, maxLength: 20 }).chain((names) =>
  fc.record({
    ranking: fc.shuffledSubarray(
      Array.from({ length: 40 }, (_, name) => String(name)),
      { minLength: 1 },
    ),
    judgements: fc
      .array(fc.integer({ min: 0, max: 3 }), { minLength: names.length, maxLength: names.length })
      .map((grades) => new Map(names.map((name, index) => [String(name), grades[index]!]))),
  }),
);

describe('for any ranking and judgements', () => {
  test('every metric lies between 0 and 1', () => {
    fc.assert(
      fc.property(judged, (query) => {
        for (const value of Object.values(metricsOf(query, [1, 5, 100]))) {
          expect(value).toBeGreaterThanOrEqual(0);
          expect(value).toBeLessThanOrEqual(1 + 1e-12);
        }
      }),
    );
  });

  test('the ranking by grade is the best: nDCG and average precision are 1', () => {
    fc.assert(
      fc.property(judged, ({ judgements }) => {
        const ranking = [...judgements.keys()].sort((a, b) => judgements.get(b)! - judgements.get(a)!);
        const expected = [...judgements.values()].some((grade) => grade > 0) ? 1 : 0;
        expect(ndcgAt(ranking, judgements, 7)).toBeCloseTo(expected, 12);
        expect(averagePrecisionAt(ranking, judgements, ranking.length)).toBeCloseTo(expected, 12);
      }),
    );
  });

  test('recall, reciprocal rank and average precision never fall as k grows', () => {
    fc.assert(
      fc.property(judged, fc.nat(50), ({ ranking, judgements }, k) => {
        for (const metric of [recallAt, reciprocalRankAt, averagePrecisionAt])
          expect(metric(ranking, judgements, k + 1)).toBeGreaterThanOrEqual(metric(ranking, judgements, k));
      }),
    );
  });

  test('what lies behind rank k does not count', () => {
    fc.assert(
      fc.property(judged, fc.integer({ min: 1, max: 20 }), ({ ranking, judgements }, k) => {
        expect(metricsOf({ ranking: ranking.slice(0, k), judgements }, [k])).toEqual(
          metricsOf({ ranking, judgements }, [k]),
        );
      }),
    );
  });
});
