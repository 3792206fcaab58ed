import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { rankDocuments, tieOrder } from '../../../core/metrics/ranking-order.js';

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
