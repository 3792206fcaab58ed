import fc from 'fast-check';
import { expect, it } from 'vitest';
import { RowScores } from '../../../core/mining/row-scores.js';

it('scores are those of the wanted rows, in the order in which each query wants them', () => {
  const wanted = fc.array(fc.array(fc.nat(20), { maxLength: 10 }), { maxLength: 8 });
  fc.assert(
    fc.property(wanted, (rowsOf) => {
      const scores = new RowScores(rowsOf);
      for (let row = 0; row <= 20; row += 1) scores.take(row, (query) => 100 * query + row);
      for (const [query, rows] of rowsOf.entries())
        expect([...scores.of(query)]).toEqual(rows.map((row) => 100 * query + row));
    }),
  );
});

it('a row that never passes has score 0', () => {
  const scores = new RowScores([[1, 5, 9]]);
  for (const row of [0, 5]) scores.take(row, () => 1);
  expect([...scores.of(0)]).toEqual([0, 1, 0]);
});
