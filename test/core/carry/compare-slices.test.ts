import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareObjects, compareSlices, isUnchanged } from '../../../core/carry/compare-slices.js';
import type { Slice } from '../../../core/plan.js';

const sliceOf = (uri: string, part: number): Slice => ({
  uri,
  etag: 'e',
  objectBytes: 2,
  start: part,
  end: part + 1,
  bytes: 1,
  estimatedRows: 1,
});
const entryOf = (slice: Slice) => ({ ...slice, shard: 0, documents: 1, rejects: 0, unit: 'row' as const });

test('the slices of a new version are in the order of the corpus, and kept ones know their places', () => {
  const objects = fc.uniqueArray(
    fc.record({
      uri: fc.string({ minLength: 1, maxLength: 4 }),
      parts: fc.integer({ min: 1, max: 3 }),
      state: fc.constantFrom('kept', 'changed', 'gone', 'new'),
    }),
    { selector: ({ uri }) => uri, maxLength: 8 },
  );
  fc.assert(
    fc.property(objects, (all) => {
      const sorted = all.sort((a, b) => (a.uri < b.uri ? -1 : 1));
      const slicesOf = (states: readonly string[]) =>
        sorted
          .filter(({ state }) => states.includes(state))
          .flatMap(({ uri, parts }) => Array.from({ length: parts }, (_, part) => sliceOf(uri, part)));
      const parent = slicesOf(['kept', 'changed', 'gone']).map(entryOf);
      const kept = new Set(slicesOf(['kept']).map(({ uri }) => uri));
      const { slices, placeOfParent } = compareSlices(parent, kept, slicesOf(['changed', 'new']));
      const expected = slicesOf(['kept', 'changed', 'new']);
      expect(slices.map(({ slice: { uri, start } }) => [uri, start])).toEqual(
        expected.map(({ uri, start }) => [uri, start]),
      );
      for (const [place, entry] of parent.entries()) {
        const own = placeOfParent[place];
        expect(own !== undefined).toBe(kept.has(entry.uri));
        if (own !== undefined) expect(slices[own]).toEqual({ slice: entry, parent: place });
      }
    }),
  );
});

test('an object is unchanged if both its tag and its size are', () => {
  const known = { etag: 'a', objectBytes: 5 };
  expect(isUnchanged({ etag: 'a', bytes: 5 }, known)).toBe(true);
  expect(isUnchanged({ etag: 'b', bytes: 5 }, known)).toBe(false);
  expect(isUnchanged({ etag: 'a', bytes: 6 }, known)).toBe(false);
  expect(isUnchanged({ etag: 'a', bytes: 5 }, undefined)).toBe(false);
});

test('objects are counted once, however many slices they have, and those that are gone with their documents', () => {
  const slices = (uri: string, etag = 'e') => [0, 1].map((part) => ({ ...sliceOf(uri, part), etag }));
  const parent = ['same', 'edited', 'gone'].flatMap((uri) => slices(uri)).map(entryOf);
  const now = [...slices('same'), ...slices('edited', 'f'), ...slices('new')];
  expect(compareObjects(parent, now)).toEqual({
    objects: { unchanged: 1, changed: 1, added: 1, deleted: 1 },
    documentsOfDeleted: 2,
  });
});
