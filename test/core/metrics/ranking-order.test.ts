import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareIds, rankDocuments, tieOrder } from '../../../core/metrics/ranking-order.js';

/** Code points around the surrogates, where the orders of UTF-16 and UTF-8 differ. */
const id = fc.string({
  unit: fc.constantFrom('a', 'é', '\ud7ff', '\ue000', '\uffee', '\u{1f600}', '\u{10ffff}'),
});

describe('the order of trec_eval', () => {
  test('the highest score comes first, and of equal ones the last id', () => {
    const documents = [
      { id: '10', score: 1 },
      { id: '9', score: 1 },
      { id: 'low', score: -1 },
      { id: 'high', score: 2 },
    ];
    expect(rankDocuments(documents)).toEqual(['high', '9', '10', 'low']);
  });

  test('scores that are the same 32-bit float are equal', () => {
    const documents = [
      { id: 'a', score: 1 + 1e-9 },
      { id: 'b', score: 1 },
    ];
    expect(rankDocuments(documents)).toEqual(['b', 'a']);
  });

  test('ids compare as their UTF-8 bytes do', () => {
    fc.assert(
      fc.property(id, id, (left, right) => {
        const bytes = Buffer.compare(Buffer.from(left), Buffer.from(right));
        expect(Math.sign(compareIds(left, right))).toBe(bytes);
      }),
    );
    expect(compareIds('\uffee', '\u{1f600}')).toBeLessThan(0);
  });

  test('rows that break ties by their place rank as documents of equal score do', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string(), { maxLength: 20 }), (ids) => {
        const order = tieOrder(ids);
        const byPlace = [...ids.keys()].sort((a, b) => order[a]! - order[b]!).map((row) => ids[row]!);
        expect(byPlace).toEqual(rankDocuments(ids.map((id) => ({ id, score: 0 }))));
      }),
    );
  });
});
