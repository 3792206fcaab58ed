import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  contiguousParts,
  MAX_PART_BESIDE_BYTES,
  MAX_PART_TEXT_BYTES,
  partBoundary,
} from '../../core/part.js';

const range = fc.tuple(fc.nat(12), fc.nat(6)).map(([start, length]) => ({ start, end: start + length }));

describe('contiguousParts', () => {
  it('finds every part of a shard that has them all, in whatever order they are listed', () => {
    const cuts = fc.uniqueArray(fc.integer({ min: 1, max: 50 }), { maxLength: 8 });
    fc.assert(
      fc.property(cuts, fc.infiniteStream(fc.nat()), (ends, order) => {
        const bounds = [0, ...ends.sort((a, b) => a - b)];
        const parts = ends.map((end, index) => ({ start: bounds[index]!, end }));
        const shuffled = parts
          .map((part) => ({ part, at: order.next().value as number }))
          .sort((a, b) => a.at - b.at)
          .map(({ part }) => part);
        expect(contiguousParts(shuffled)).toEqual(parts);
      }),
    );
  });

  it('returns a run that begins at row 0, has no gap, no overlap and no empty part, whatever lies there', () => {
    fc.assert(
      fc.property(fc.array(range, { maxLength: 12 }), (parts) => {
        let next = 0;
        for (const { start, end } of contiguousParts(parts)) {
          expect(start).toBe(next);
          expect(end).toBeGreaterThan(start);
          next = end;
        }
      }),
    );
  });

  it('leaves out what lies beyond a gap', () => {
    expect(
      contiguousParts([
        { start: 8, end: 12 },
        { start: 0, end: 4 },
      ]),
    ).toEqual([{ start: 0, end: 4 }]);
    expect(contiguousParts([{ start: 4, end: 8 }])).toEqual([]);
  });

  it('takes one of two parts with the same rows, and the longer of two that begin together', () => {
    const twice = [
      { start: 0, end: 4 },
      { start: 0, end: 4 },
    ];
    expect(contiguousParts(twice)).toEqual([{ start: 0, end: 4 }]);
    const nested = [
      { start: 0, end: 2 },
      { start: 0, end: 4 },
      { start: 2, end: 4 },
    ];
    expect(contiguousParts(nested)).toEqual([{ start: 0, end: 4 }]);
  });
});

describe('partBoundary', () => {
  const row = fc.record({ nTokens: fc.nat(40), textBytes: fc.nat(200), besideBytes: fc.nat(200) });
  const limits = fc.record({ rows: fc.integer({ min: 1, max: 9 }), tokens: fc.integer({ min: 1, max: 90 }) });

  it('closes a part at the first row that reaches a limit, and not earlier', () => {
    fc.assert(
      fc.property(fc.array(row, { maxLength: 60 }), limits, (rows, { rows: maxRows, tokens: maxTokens }) => {
        const full = partBoundary({ rows: maxRows, tokens: maxTokens });
        let count = 0;
        let tokens = 0;
        for (const next of rows) {
          count += 1;
          tokens += next.nTokens;
          const expected = count >= maxRows || tokens >= maxTokens;
          expect(full(next)).toBe(expected);
          if (expected) count = tokens = 0;
        }
      }),
    );
  });

  it('cuts the rows after a part as if the shard began there, so that a resumed attempt cuts the same parts', () => {
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 60 }), limits, (rows, some) => {
        const cutsFrom = (start: number) => {
          const full = partBoundary(some);
          return rows.slice(start).flatMap((next, index) => (full(next) ? [start + index + 1] : []));
        };
        const cuts = cutsFrom(0);
        for (const [index, cut] of cuts.entries()) expect(cutsFrom(cut)).toEqual(cuts.slice(index + 1));
      }),
    );
  });

  it('closes a part whose texts fill the memory that one part may take, whatever the job allows', () => {
    const full = partBoundary({ rows: 1_000_000, tokens: 1_000_000_000 });
    const half = { nTokens: 1, textBytes: MAX_PART_TEXT_BYTES / 2, besideBytes: 0 };
    expect([full(half), full(half), full(half), full(half)]).toEqual([false, true, false, true]);
    const beside = { nTokens: 1, textBytes: 1, besideBytes: MAX_PART_BESIDE_BYTES / 2 };
    expect([full(beside), full(beside), full(beside), full(beside)]).toEqual([false, true, false, true]);
  });
});
