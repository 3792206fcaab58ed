import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  DEFAULT_ALPHA,
  type FusionCandidate,
  reciprocalRankFusion,
  weightedFusion,
} from '../../../core/search/fusion.js';

const candidates = fc
  .array(fc.record({ dense: fc.integer({ min: -8, max: 8 }), lexical: fc.integer({ min: 0, max: 40 }) }), {
    minLength: 1,
    maxLength: 30,
  })
  .map((list) =>
    list.map(({ dense, lexical }, row): FusionCandidate => ({ row, dense: dense / 8, lexical })),
  );
const ranking = fc.uniqueArray(fc.nat(40), { maxLength: 20 });

describe('weighted fusion', () => {
  test('weighs a cosine from −1 and a BM25 score from 0, each against the best', () => {
    const fused = weightedFusion(
      [
        { row: 4, dense: 0.5, lexical: 0 },
        { row: 7, dense: 0, lexical: 12 },
        { row: 9, dense: -1, lexical: 6 },
      ],
      DEFAULT_ALPHA,
    );
    expect(fused.map(({ row }) => row)).toEqual([7, 4, 9]);
    expect(fused[0]).toMatchObject({ dense: 2 / 3, lexical: 1 });
    expect(fused.map(({ score }) => score)).toEqual([
      expect.closeTo(0.7 * (2 / 3) + 0.3, 12),
      expect.closeTo(0.7, 12),
      expect.closeTo(0.15, 12),
    ]);
  });

  test('with weight 1 or 0 is the order of one stage', () => {
    fc.assert(
      fc.property(candidates, fc.constantFrom('dense' as const, 'lexical' as const), (list, stage) => {
        const order = weightedFusion(list, stage === 'dense' ? 1 : 0).map(({ row }) => list[row]![stage]);
        expect(order).toEqual([...order].sort((a, b) => b - a));
      }),
    );
  });

  test('never puts a row below one that is worse in one stage and no better in the other', () => {
    fc.assert(
      fc.property(candidates, fc.double({ min: 0.01, max: 0.99, noNaN: true }), (list, alpha) => {
        const fused = weightedFusion(list, alpha);
        for (const [place, { row }] of fused.entries())
          for (const before of fused.slice(0, place)) {
            const [above, below] = [list[before.row]!, list[row]!];
            const isBeaten = below.dense >= above.dense && below.lexical >= above.lexical;
            if (isBeaten) expect([above.dense, above.lexical]).toEqual([below.dense, below.lexical]);
          }
      }),
    );
  });

  test('keeps every share and score between 0 and 1, and equal rows in the order of their numbers', () => {
    fc.assert(
      fc.property(candidates, fc.double({ min: 0, max: 1, noNaN: true }), (list, alpha) => {
        const fused = weightedFusion(list, alpha);
        for (const { score, dense, lexical } of fused)
          for (const value of [score, dense, lexical]) {
            expect(value).toBeGreaterThanOrEqual(0);
            expect(value).toBeLessThanOrEqual(1 + 1e-12);
          }
        for (const [place, { row, score }] of fused.slice(1).entries())
          if (score === fused[place]!.score) expect(row).toBeGreaterThan(fused[place]!.row);
      }),
    );
  });

  test('does not depend on the order of the candidates, nor on a worse one among them', () => {
    fc.assert(
      fc.property(candidates, fc.double({ min: 0, max: 1, noNaN: true }), (list, alpha) => {
        const fused = weightedFusion(list, alpha);
        expect(weightedFusion([...list].reverse(), alpha)).toEqual(fused);
        const worse = { row: list.length, dense: -1, lexical: 0 };
        expect(weightedFusion([...list, worse], alpha).filter(({ row }) => row !== worse.row)).toEqual(fused);
      }),
    );
  });

  test('gives all 0 where no stage is above its least score, and nothing for no candidates', () => {
    expect(weightedFusion([{ row: 0, dense: -1, lexical: 0 }], 0.5)).toEqual([
      { row: 0, score: 0, dense: 0, lexical: 0 },
    ]);
    expect(weightedFusion([], 0.5)).toEqual([]);
  });
});

describe('reciprocal rank fusion', () => {
  test('adds 1 / (60 + rank) over the rankings that have the row', () => {
    expect(
      reciprocalRankFusion([
        [5, 3],
        [3, 8],
      ]),
    ).toEqual([
      { row: 3, score: 1 / 62 + 1 / 61 },
      { row: 5, score: 1 / 61 },
      { row: 8, score: 1 / 62 },
    ]);
  });

  test('does not depend on the order of the rankings, and has each row once', () => {
    fc.assert(
      fc.property(ranking, ranking, (one, other) => {
        const fused = reciprocalRankFusion([one, other]);
        expect(reciprocalRankFusion([other, one])).toEqual(fused);
        expect(new Set(fused.map(({ row }) => row))).toEqual(new Set([...one, ...other]));
        expect(fused).toHaveLength(new Set([...one, ...other]).size);
      }),
    );
  });

  test('of a ranking with itself, or with an empty one, is that ranking', () => {
    fc.assert(
      fc.property(ranking, (one) => {
        expect(reciprocalRankFusion([one, one]).map(({ row }) => row)).toEqual(one);
        expect(reciprocalRankFusion([one, []]).map(({ row }) => row)).toEqual(one);
      }),
    );
  });

  test('never moves a row down that moves up in one of the rankings', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.nat(40), { minLength: 2, maxLength: 20 }),
        ranking,
        fc.nat(),
        (one, other, at) => {
          const place = 1 + (at % (one.length - 1));
          const row = one[place]!;
          const raised = [...one.slice(0, place - 1), row, one[place - 1]!, ...one.slice(place + 1)];
          const placeOf = (rankings: number[][]) =>
            reciprocalRankFusion(rankings).findIndex((found) => found.row === row);
          expect(placeOf([raised, other])).toBeLessThanOrEqual(placeOf([one, other]));
        },
      ),
    );
  });
});
