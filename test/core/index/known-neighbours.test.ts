import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  KNOWN_NEIGHBOURS,
  type KnownRow,
  knownAfterChange,
  knownAfterSearch,
  knownRecall,
  knowsNearest,
} from '../../../core/index/known-neighbours.js';
import { recallOf } from '../../../core/index/neighbour.js';

const K = 10;
const byScoreAlone = (a: KnownRow, b: KnownRow) => b.score - a.score;
/** Few different scores, so that many are equal. */
const scores = (most: number) => fc.array(fc.integer({ min: 0, max: 200 }), { maxLength: most });

describe('the neighbours of a query that are known', () => {
  it('are after any changes what an exact search would find, or are said to be too few', () => {
    const night = fc.record({ dead: fc.array(fc.nat(), { maxLength: 60 }), added: scores(150) });
    fc.assert(
      fc.property(
        scores(300),
        fc.array(night, { maxLength: 4 }),
        fc.infiniteStream(fc.boolean()),
        (first, nights, draws) => {
          let next = 0n;
          const rowOf = (score: number): KnownRow => ({ rowKey: next++, score });
          let rows = first.map(rowOf).sort(byScoreAlone);
          let known = knownAfterSearch(rows, rows.length);
          for (const { dead, added } of nights) {
            const gone = new Set(dead.map((place) => rows[place % Math.max(1, rows.length)]?.rowKey));
            const fresh = added.map(rowOf).sort(byScoreAlone);
            const lives = (key: bigint) => !gone.has(key);
            known = knownAfterChange(known, lives, fresh.slice(0, KNOWN_NEIGHBOURS));
            rows = [...rows.filter(({ rowKey }) => lives(rowKey)), ...fresh].sort(byScoreAlone);
            const truth = rows.slice(0, known.nearest.length);
            expect(known.nearest.map(({ score }) => score)).toEqual(truth.map(({ score }) => score));
            expect(rows.slice(known.nearest.length).every(({ score }) => score <= known.bound)).toBe(true);
            if (!knowsNearest(known, K)) continue;
            const found = rows.filter(() => draws.next().value);
            const recall = knownRecall(
              known,
              found.map(({ rowKey }) => rowKey),
              K,
            );
            if (recall !== undefined) expect(recall).toBe(recallOf(found, rows.slice(0, K)));
          }
        },
      ),
    );
  });

  it('do not decide recall where an unlisted row may be as near as the last of them', () => {
    const equal = Array.from({ length: 101 }, (_, row): KnownRow => ({ rowKey: BigInt(row), score: 1 }));
    expect(knownRecall(knownAfterSearch(equal, 101), [100n], K)).toBeUndefined();
    expect(knownRecall(knownAfterSearch(equal.slice(1), 100), [100n], K)).toBe(0.1);
    expect(knownRecall(knownAfterSearch([], 0), [], K)).toBe(1);
  });
});
