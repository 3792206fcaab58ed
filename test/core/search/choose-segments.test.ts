import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rowKey } from '../../../core/ids.js';
import { type ListedRows, listOf } from '../../../core/listed-rows.js';
import type { RowRange } from '../../../core/row-ranges.js';
import { chooseSegments, NOT_SEARCHED, rowNumbers } from '../../../core/search/choose-segments.js';
import { type PartFiles, rowsIn, VersionParts } from '../../../core/version-parts.js';

const ROWS = 10;

/** Returns a part of ten rows, of which some live. */
function part(shard: number, live: readonly RowRange[] = [{ start: 0, end: ROWS }]): PartFiles {
  const keys = { firstKey: `${rowKey(shard, 0)}`, lastKey: `${rowKey(shard, ROWS - 1)}` };
  const file = { bytes: 1, start: 0, end: ROWS, ...keys };
  return {
    chunks: { ...file, key: `chunks ${shard}`, sha256: `chunks ${shard}`, tokens: 1 },
    vectors: { ...file, key: `vectors ${shard}`, sha256: `vectors ${shard}` } as PartFiles['vectors'],
    live,
  };
}

const version = (...parts: readonly PartFiles[]) => VersionParts.of(parts);
const segment = (parts: VersionParts) => listOf(parts, 'chunks');

describe('the segments by which a version is searched', () => {
  it('are those of its parent while few of their rows are dead, and one of the other rows', () => {
    const parent = segment(version(part(0), part(1)));
    const added = part(2, [{ start: 0, end: 5 }]);
    const child = version(part(0), part(1, [{ start: 2, end: 8 }]), added);
    const { chosen, others } = chooseSegments(child, [parent]);
    expect(chosen.map(({ place, living }) => [place, living.rows])).toEqual([[0, 16]]);
    expect(segment(others)).toEqual(segment(version(added)));
    expect(
      [...rowNumbers(parent, chosen[0]!.living, child)].map((row) => (row === NOT_SEARCHED ? -1 : row)),
    ).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, -1, -1, 10, 11, 12, 13, 14, 15, -1, -1]);
  });

  it('are made anew where more than a fifth of the rows of one are dead', () => {
    const parent = segment(version(part(0), part(1)));
    const child = version(part(0), part(1, [{ start: 2, end: 7 }]));
    expect(chooseSegments(child, [parent])).toMatchObject({ chosen: [], others: { rows: 15 } });
  });

  it('are made of those at most twice as large where a new one is needed', () => {
    const large = [part(0), part(1), part(2), part(5)];
    const lists = [segment(version(...large)), segment(version(part(3)))];
    const child = version(part(0), part(1), part(2), part(3), part(4, [{ start: 0, end: 5 }]), part(5));
    const { chosen, others } = chooseSegments(child, lists);
    expect(chosen.map(({ place }) => place)).toEqual([0]);
    expect(segment(others)).toEqual(segment(version(part(3), part(4, [{ start: 0, end: 5 }]))));
  });

  it('hold no row of another file with the same rows', () => {
    const parent = segment(version(part(0))).map((listed) => ({ ...listed, sha256: 'other' }));
    expect(chooseSegments(version(part(0)), [parent])).toMatchObject({ chosen: [], others: { rows: ROWS } });
  });

  it('have each row of the version once, whatever segments there are', () => {
    const ranges = fc
      .array(fc.boolean(), { minLength: ROWS, maxLength: ROWS })
      .map((flags) =>
        flags.flatMap((lives, row) => (lives ? [{ start: row, end: row + 1 }] : [])).reduce(joinTouching, []),
      );
    const parts = fc
      .array(ranges, { maxLength: 5 })
      .map((lives) => VersionParts.of(lives.map((live, shard) => part(shard, live))));
    fc.assert(
      fc.property(parts, fc.array(parts, { maxLength: 5 }), (child, made) => {
        const lists = made.map(segment);
        const { chosen, others } = chooseSegments(child, lists);
        const searched = chosen.flatMap(({ place, living }) => [...rowNumbers(lists[place]!, living, child)]);
        const ofOthers = [...rowNumbers(segment(others), others, child)];
        const all = [...searched.filter((row) => row !== NOT_SEARCHED), ...ofOthers];
        expect(all.sort((a, b) => a - b)).toEqual(Array.from({ length: child.rows }, (_, row) => row));
        for (const { place } of chosen) {
          const rows = rowNumbers(lists[place]!, chosen.find((one) => one.place === place)!.living, child);
          for (const [at, row] of rows.entries())
            if (row !== NOT_SEARCHED) expect(child.keyOf(row)).toBe(keyAt(lists[place]!, at));
        }
      }),
    );
  });
});

function joinTouching(ranges: readonly RowRange[], next: RowRange): RowRange[] {
  const last = ranges.at(-1);
  return last?.end === next.start
    ? [...ranges.slice(0, -1), { start: last.start, end: next.end }]
    : [...ranges, next];
}

/** Returns the key of the row at a place of a list. */
function keyAt(list: readonly ListedRows[], at: number): bigint {
  let before = 0;
  for (const { shard, live } of list)
    for (const range of live) {
      const count = rowsIn([range]);
      if (at < before + count) return rowKey(shard, range.start + at - before);
      before += count;
    }
  throw new RangeError(`place ${at}`);
}
