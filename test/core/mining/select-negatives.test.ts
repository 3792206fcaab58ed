import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type NegativeCandidate, selectNegatives } from '../../../core/mining/select-negatives.js';
import {
  rangeProblem,
  resolveRangeMax,
  type SelectionOptions,
} from '../../../core/mining/selection-options.js';

const OPTIONS: SelectionOptions & { rangeMax: number } = {
  rangeMin: 0,
  rangeMax: 10,
  numNegatives: 3,
  sampling: 'top',
  seed: 0,
  includePositives: false,
};
const SCORES = [0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2];

function select(options: Partial<SelectionOptions> = {}, positiveScores = [0.85], positives = [1]) {
  return selectNegatives(
    {
      candidates: SCORES.map((score, row): NegativeCandidate => ({ row, score: Math.fround(score) })),
      positiveScores: positiveScores.map(Math.fround),
      rejectionOf: ({ row }) => (positives.includes(row) ? 'positive' : undefined),
      query: 'what is seven?',
    },
    { ...OPTIONS, ...options } as typeof OPTIONS,
  );
}
const rowsOf = (selection: ReturnType<typeof select>) => selection.negatives.map(({ row }) => row);

describe('the negatives of a query', () => {
  it('are the best candidates that are not positives, with their rank among all candidates', () => {
    expect(select().negatives.map(({ row, rank }) => [row, rank])).toEqual([
      [0, 1],
      [2, 3],
      [3, 4],
    ]);
    expect(select().rejected).toEqual({ positive: 1 });
  });

  it('are counted for the range only after the filters', () => {
    expect(rowsOf(select({ rangeMin: 2, maxScore: 0.65 }))).toEqual([5, 6, 7]);
    expect(rowsOf(select({ rangeMax: 3, maxScore: 0.65, rangeMin: 1 }))).toEqual([4, 5]);
  });

  it('lie a margin below the lowest positive of the query', () => {
    expect(rowsOf(select({ relativeMargin: 0.05 }, [0.85, 0.75]))).toEqual([2, 3, 4]);
    expect(rowsOf(select({ absoluteMargin: 0.1 }, [0.85, 0.75]))).toEqual([3, 4, 5]);
    expect(select({ absoluteMargin: 0.1, minScore: 0.35 }, [0.75]).rejected).toEqual({
      positive: 1,
      absoluteMargin: 2,
      minScore: 2,
    });
  });

  it('keep a margin below a negative positive score, too, where a factor would raise the limit', () => {
    const selection = selectNegatives(
      {
        candidates: [-0.1, -0.205, -0.3].map((score, row) => ({ row, score: Math.fround(score) })),
        positiveScores: [Math.fround(-0.2)],
        rejectionOf: () => undefined,
        query: '',
      },
      { ...OPTIONS, relativeMargin: 0.05 },
    );
    expect(rowsOf(selection)).toEqual([2]);
  });

  it('drawn at random are the same for the same seed, different for another, and in order of score', () => {
    const drawn = (seed: number) => rowsOf(select({ sampling: 'random', seed }));
    expect(drawn(1)).toEqual(drawn(1));
    const all = Array.from({ length: 30 }, (_, seed) => drawn(seed));
    expect(new Set(all.map(String)).size).toBeGreaterThan(5);
    for (const rows of all) expect(rows).toEqual([...rows].sort((a, b) => a - b));
    expect(new Set(all.flat())).toEqual(new Set([0, 2, 3, 4, 5, 6, 7]));
  });

  it('are never padded: fewer candidates give fewer negatives, whatever the sampling', () => {
    for (const sampling of ['top', 'random'] as const)
      expect(rowsOf(select({ sampling, minScore: 0.65 }))).toEqual([0, 2]);
  });

  it('obey every limit, for any scores and options', () => {
    const score = fc.float({ min: -1, max: 1, noNaN: true });
    fc.assert(
      fc.property(
        fc.array(score, { maxLength: 30 }),
        score,
        fc.record({
          rangeMin: fc.nat(5),
          numNegatives: fc.integer({ min: 1, max: 5 }),
          maxScore: fc.option(score, { nil: undefined }),
          minScore: fc.option(score, { nil: undefined }),
          sampling: fc.constantFrom('top' as const, 'random' as const),
        }),
        (scores, positive, options) => {
          const candidates = [...scores].sort((a, b) => b - a).map((value, row) => ({ row, score: value }));
          const { negatives, rejected } = selectNegatives(
            { candidates, positiveScores: [positive], rejectionOf: () => undefined, query: 'one' },
            { ...OPTIONS, ...options, rangeMax: options.rangeMin + 8 },
          );
          expect(negatives.length).toBeLessThanOrEqual(options.numNegatives);
          for (const negative of negatives) {
            expect(negative.score).toBeLessThanOrEqual(options.maxScore ?? 1);
            expect(negative.score).toBeGreaterThanOrEqual(options.minScore ?? -1);
            expect(candidates[negative.rank - 1]!.row).toBe(negative.row);
          }
          const left = candidates.length - Object.values(rejected).reduce((sum, count) => sum + count, 0);
          expect(negatives.length).toBe(
            Math.max(0, Math.min(options.numNegatives, left - options.rangeMin, 8)),
          );
        },
      ),
    );
  });
});

describe('the range', () => {
  it('ends by default after the positives and the negatives, ten times as many where scores are filtered from above', () => {
    const open = { ...OPTIONS, rangeMax: undefined, rangeMin: 2 };
    expect(resolveRangeMax(open, 4)).toBe(9);
    expect(resolveRangeMax({ ...open, minScore: 0.1 }, 4)).toBe(9);
    for (const filter of [{ maxScore: 1 }, { absoluteMargin: 0 }, { relativeMargin: 0 }])
      expect(resolveRangeMax({ ...open, ...filter }, 4)).toBe(36);
    expect(resolveRangeMax({ ...open, rangeMax: 5 }, 4)).toBe(5);
  });

  it('that cannot hold the negatives is a problem', () => {
    expect(rangeProblem({ ...OPTIONS, rangeMin: 8 })).toContain('2 negatives, not 3');
    expect(rangeProblem({ ...OPTIONS, rangeMin: 7 })).toBeUndefined();
  });
});
