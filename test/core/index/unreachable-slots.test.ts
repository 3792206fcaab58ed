import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { unreachableSlots } from '../../../core/index/unreachable-slots.js';

const CONNECTIVITY = 3;

/** Lists of links in the form in which a graph keeps them. */
function linksOf(lists: readonly (readonly number[])[]): Int32Array {
  return Int32Array.from(
    lists.flatMap((list) => [...list, ...Array(CONNECTIVITY - list.length).fill(-1)] as number[]),
  );
}

describe('the slots that no path leads to', () => {
  it('are those that the links of the entry, and the links of its neighbours and so on, do not reach', () => {
    const rows = 12;
    const link = fc.integer({ min: 0, max: rows - 1 });
    const lists = fc.array(fc.array(link, { maxLength: CONNECTIVITY }), { minLength: rows, maxLength: rows });
    fc.assert(
      fc.property(lists, link, (some, entry) => {
        const reached = new Set([entry]);
        for (let before = 0; before < reached.size; ) {
          before = reached.size;
          for (const slot of [...reached]) for (const next of some[slot]!) reached.add(next);
        }
        const lost = unreachableSlots(linksOf(some), CONNECTIVITY, entry);
        expect(lost).toEqual([...Array(rows).keys()].filter((slot) => !reached.has(slot)));
      }),
    );
  });

  it('are none where there are no rows', () => {
    expect(unreachableSlots(new Int32Array(), CONNECTIVITY, 0)).toEqual([]);
  });
});
