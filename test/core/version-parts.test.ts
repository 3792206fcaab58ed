import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { rowKey } from '../../core/ids.js';
import type { RowRange } from '../../core/row-ranges.js';
import { isWhole, type PartFiles, placeOf, VersionParts } from '../../core/version-parts.js';

/** Returns a part of rows `[start, end)` of a shard, of which some are live. */
function part(shard: number, start: number, end: number, live: readonly RowRange[]): PartFiles {
  const file = {
    key: `${shard}-${start}`,
    sha256: '',
    bytes: 1,
    start,
    end,
    firstKey: String(rowKey(shard, start)),
    lastKey: String(rowKey(shard, Math.max(start, end - 1))),
  };
  return {
    chunks: { ...file, tokens: 0 },
    vectors: { ...file, minNorm: 1, maxNorm: 1, nanCount: 0 },
    live,
  };
}

const whole = (shard: number, start: number, end: number) => part(shard, start, end, [{ start, end }]);

/** Returns the ranges of the rows whose flag is set, counted from `start`. */
function rangesOf(flags: readonly boolean[], start: number): RowRange[] {
  const ranges: { start: number; end: number }[] = [];
  for (const [index, isLive] of flags.entries()) {
    if (!isLive) continue;
    const row = start + index;
    const last = ranges.at(-1);
    if (last?.end === row) last.end += 1;
    else ranges.push({ start: row, end: row + 1 });
  }
  return ranges;
}

describe('the parts of a version', () => {
  /** Shards with several parts, with one, and without rows. Shard 2 has no part at all. */
  const PARTS = [whole(0, 0, 4), whole(0, 4, 7), whole(1, 0, 0), whole(3, 0, 1), whole(4, 0, 2)];
  const KEYS = [0, 1, 2, 3, 4, 5, 6]
    .map((row) => rowKey(0, row))
    .concat([rowKey(3, 0), rowKey(4, 0), rowKey(4, 1)]);

  test('number their rows over all files in their order, from 0', () => {
    const parts = VersionParts.of(PARTS);
    expect({ rows: parts.rows, length: parts.length }).toEqual({ rows: 10, length: 4 });
    expect(KEYS.map((key) => parts.rowOf(key))).toEqual(KEYS.map((_, row) => row));
    expect(KEYS.map((_, row) => parts.keyOf(row))).toEqual(KEYS);
    expect([...parts].map(({ firstRow, rows }) => [firstRow, rows])).toEqual([
      [0, 4],
      [4, 3],
      [7, 1],
      [8, 2],
    ]);
  });

  test('know no key that none of them has', () => {
    const parts = VersionParts.of(PARTS);
    for (const key of [rowKey(0, 7), rowKey(1, 0), rowKey(2, 0), rowKey(3, 1), rowKey(4, 2), rowKey(9, 0)])
      expect([parts.rowOf(key), parts.partOfKey(key)]).toEqual([undefined, undefined]);
    expect(VersionParts.of([whole(0, 0, 0)]).rowOf(0n)).toBeUndefined();
  });

  test('number live rows only, whatever lives', () => {
    const shards = fc.array(fc.array(fc.array(fc.boolean(), { maxLength: 6 }), { maxLength: 4 }), {
      maxLength: 5,
    });
    fc.assert(
      fc.property(shards, (flagsOfShards) => {
        const files: PartFiles[] = [];
        const live: bigint[] = [];
        const dead: bigint[] = [];
        for (const [shard, flagsOfParts] of flagsOfShards.entries()) {
          let start = 0;
          for (const flags of flagsOfParts) {
            files.push(part(shard, start, start + flags.length, rangesOf(flags, start)));
            for (const [index, isLive] of flags.entries())
              (isLive ? live : dead).push(rowKey(shard, start + index));
            start += flags.length;
          }
        }
        const parts = VersionParts.of(files);
        expect(parts.rows).toBe(live.length);
        expect(live.map((key) => parts.rowOf(key))).toEqual(live.map((_, row) => row));
        expect(live.map((_, row) => parts.keyOf(row))).toEqual(live);
        expect(dead.filter((key) => parts.rowOf(key) !== undefined)).toEqual([]);
        for (const [row, key] of live.entries()) {
          const { vectors, firstRow, rows } = parts.partOfRow(row);
          expect(row >= firstRow && row < firstRow + rows).toBe(true);
          expect(key >= BigInt(vectors.firstKey) && key <= BigInt(vectors.lastKey)).toBe(true);
        }
      }),
    );
  });

  test('are whole if all their rows live', () => {
    expect(isWhole(whole(0, 4, 7))).toBe(true);
    expect(isWhole(part(0, 4, 7, [{ start: 4, end: 6 }]))).toBe(false);
  });
});

test('a place counts the live rows before a row', () => {
  const live = [
    { start: 2, end: 4 },
    { start: 7, end: 8 },
  ];
  expect([0, 1, 2, 3, 4, 6, 7, 8].map((row) => placeOf({ live }, row))).toEqual([
    undefined,
    undefined,
    0,
    1,
    undefined,
    undefined,
    2,
    undefined,
  ]);
});
