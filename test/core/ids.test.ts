import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  chunkId,
  compareIds,
  parsePartName,
  partName,
  placesOfIds,
  rowKey,
  shardName,
  splitRowKey,
} from '../../core/ids.js';

const uint32 = fc.integer({ min: 0, max: 2 ** 32 - 1 });

describe('row keys', () => {
  it('can be split into the shard and row that they were made of', () => {
    fc.assert(
      fc.property(uint32, uint32, (shard, row) => {
        expect(splitRowKey(rowKey(shard, row))).toEqual({ shard, row });
      }),
    );
  });

  it('fit an unsigned 64-bit column at both ends', () => {
    expect(rowKey(0, 0)).toBe(0n);
    expect(rowKey(2 ** 32 - 1, 2 ** 32 - 1)).toBe(2n ** 64n - 1n);
  });

  it('are ordered as shard, then row', () => {
    fc.assert(
      fc.property(uint32, uint32, uint32, uint32, (shardA, rowA, shardB, rowB) => {
        const byKey = rowKey(shardA, rowA) < rowKey(shardB, rowB);
        expect(byKey).toBe(shardA < shardB || (shardA === shardB && rowA < rowB));
      }),
    );
  });

  it.each([-1, 0.5, 2 ** 32, Number.NaN])('refuse %s as a shard or a row', (value) => {
    expect(() => rowKey(value, 0)).toThrow(RangeError);
    expect(() => rowKey(0, value)).toThrow(RangeError);
  });
});

describe('the order of ids', () => {
  /** Code points around the surrogates, where the orders of UTF-16 and UTF-8 differ. */
  const id = fc.string({
    unit: fc.constantFrom('a', 'é', '\ud7ff', '\ue000', '\uffee', '\u{1f600}', '\u{10ffff}'),
  });

  it('is that of their UTF-8 bytes', () => {
    fc.assert(
      fc.property(id, id, (left, right) => {
        const bytes = Buffer.compare(Buffer.from(left), Buffer.from(right));
        expect(Math.sign(compareIds(left, right))).toBe(bytes);
      }),
    );
    expect(compareIds('\uffee', '\u{1f600}')).toBeLessThan(0);
  });

  it('gives each id its place', () => {
    fc.assert(
      fc.property(fc.uniqueArray(id), (ids) => {
        const places = placesOfIds(ids);
        expect(ids.toSorted(compareIds).map((one) => places[ids.indexOf(one)])).toEqual([...ids.keys()]);
      }),
    );
  });
});

describe('names', () => {
  it('of parts can be read as the rows that they were made of', () => {
    fc.assert(
      fc.property(uint32, uint32, (start, end) => {
        expect(parsePartName(`${partName(start, end)}.parquet`)).toEqual({ start, end });
      }),
    );
  });

  it('of shards and parts sort as their numbers do', () => {
    fc.assert(
      fc.property(fc.nat(99_999_999), fc.nat(99_999_999), (a, b) => {
        expect(shardName(a) < shardName(b)).toBe(a < b);
        expect(partName(a, a + 1) < partName(b, b + 1)).toBe(a < b);
      }),
    );
  });

  it.each([
    'part-0-8.parquet',
    'part-0000000000-0000000008.arrow',
    'part-0000000000-0000000008.parquet.tmp',
    'x/part-0000000000-0000000008.parquet',
    '_parts.json',
    '',
  ])('that are not those of a part are not read as one: %j', (name) => {
    expect(parsePartName(name)).toBeUndefined();
  });

  it('of chunks differ for different documents or numbers, whatever the document ids hold', () => {
    const id = fc.string({ unit: fc.constantFrom('a', '#', '1', '0'), maxLength: 6 });
    fc.assert(
      fc.property(id, fc.nat(20), id, fc.nat(20), (left, leftIndex, right, rightIndex) => {
        const same = left === right && leftIndex === rightIndex;
        expect(chunkId(left, leftIndex) === chunkId(right, rightIndex)).toBe(same);
      }),
    );
  });
});
