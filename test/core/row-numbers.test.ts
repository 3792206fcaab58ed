import { expect, it } from 'vitest';
import { rowKey } from '../../core/ids.js';
import { firstRowsOf, RowNumbers } from '../../core/row-numbers.js';

/** Rows `[start, end)` of a shard. */
const file = (shard: number, start: number, end: number) => ({
  start,
  end,
  firstKey: end > start ? String(rowKey(shard, start)) : '',
});

/** Shards with several files, with one, and without rows. Shard 2 has no file at all. */
const FILES = [file(0, 0, 4), file(0, 4, 7), file(1, 0, 0), file(3, 0, 1), file(4, 0, 2), file(4, 2, 5)];
const KEYS = FILES.flatMap(({ start, end, firstKey }) =>
  Array.from({ length: end - start }, (_, row) => BigInt(firstKey) + BigInt(row)),
);

it('rows are numbered over all files in their order, from 0', () => {
  const numbers = new RowNumbers(FILES);
  expect(KEYS.map((key) => numbers.ofKey(key))).toEqual(KEYS.map((_, row) => row));
  expect(KEYS.map((_, row) => numbers.keyOf(row))).toEqual(KEYS);
  expect(firstRowsOf(FILES)).toEqual([0, 4, 7, 7, 8, 10]);
});

it('a key is in the file that has its row', () => {
  const numbers = new RowNumbers(FILES);
  expect(numbers.fileOfKey(rowKey(0, 3))).toBe(FILES[0]);
  expect(numbers.fileOfKey(rowKey(0, 4))).toBe(FILES[1]);
  expect(numbers.fileOfKey(rowKey(3, 0))).toBe(FILES[3]);
  expect(numbers.fileOfKey(rowKey(4, 4))).toBe(FILES[5]);
  expect(new RowNumbers([file(0, 0, 0)]).fileOfKey(0n)).toBeUndefined();
});
