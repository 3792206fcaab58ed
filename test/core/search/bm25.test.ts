import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bm25Scores, inverseDocumentFrequency } from '../../../core/search/bm25.js';
import { PostingsBuilder, postingsByTerm } from '../../../core/search/postings.js';

function scoresOf(rows: readonly (readonly string[])[], query: readonly string[]): number[] {
  const builder = new PostingsBuilder();
  for (const row of rows) builder.add(row);
  const postings = builder.build();
  const find = postingsByTerm(postings);
  return [
    ...bm25Scores(
      query.map(find).filter((found) => found !== undefined),
      postings.lengths,
    ),
  ];
}

/** Returns the same formula, computed without an index. */
function expectedScore(
  rows: readonly (readonly string[])[],
  row: readonly string[],
  query: readonly string[],
) {
  const mean = rows.reduce((sum, { length }) => sum + length, 0) / rows.length;
  return query.reduce((sum, term) => {
    const frequency = row.filter((word) => word === term).length;
    const containing = rows.filter((words) => words.includes(term)).length;
    const idf = Math.log(1 + (rows.length - containing + 0.5) / (containing + 0.5));
    return sum + (idf * frequency * 2.2) / (frequency + 1.2 * (0.25 + (0.75 * row.length) / mean));
  }, 0);
}

const words = fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e'), { maxLength: 12 });

describe('BM25', () => {
  test("gives the formula's value for every row", () => {
    fc.assert(
      fc.property(
        fc.array(words, { minLength: 1, maxLength: 12 }),
        fc.uniqueArray(fc.constantFrom('a', 'b', 'e', 'z')),
        (rows, query) => {
          const scores = scoresOf(rows, query);
          for (const [index, row] of rows.entries())
            expect(scores[index]).toBeCloseTo(expectedScore(rows, row, query) || 0, 10);
        },
      ),
    );
  });

  test('has the score of a hand-computed example', () => {
    const rows = [['mill', 'grain', 'mill'], ['grain'], ['water', 'wheel']];
    // idf = ln(1 + 2.5 / 1.5); f = 2; length 3 of a mean of 2.
    const expected = (Math.log(1 + 2.5 / 1.5) * 2 * 2.2) / (2 + 1.2 * (0.25 + 0.75 * 1.5));
    expect(scoresOf(rows, ['mill'])).toEqual([expect.closeTo(expected, 12), 0, 0]);
  });

  test('counts a rare word more than a common one, and one that is everywhere a little', () => {
    expect(inverseDocumentFrequency(100, 1)).toBeGreaterThan(inverseDocumentFrequency(100, 50));
    expect(inverseDocumentFrequency(100, 100)).toBeGreaterThan(0);
  });

  test('over no rows is empty', () => {
    expect(scoresOf([], ['a'])).toEqual([]);
  });
});

test('postings hold the rows of each term in order, and how often it occurs there', () => {
  const builder = new PostingsBuilder();
  builder.add(['b', 'a', 'b']);
  builder.add([]);
  builder.add(['a']);
  builder.add(Array.from({ length: 70_000 }, () => 'c'));
  const postings = builder.build();
  const find = postingsByTerm(postings);
  expect(find('a')).toEqual({ rows: Uint32Array.of(0, 2), frequencies: Uint16Array.of(1, 1) });
  expect(find('b')).toEqual({ rows: Uint32Array.of(0), frequencies: Uint16Array.of(2) });
  expect(find('c')!.frequencies).toEqual(Uint16Array.of(65_535));
  expect(find('d')).toBeUndefined();
  expect([...postings.lengths]).toEqual([3, 0, 1, 70_000]);
});
