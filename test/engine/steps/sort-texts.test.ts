import fc from 'fast-check';
import { expect, test } from 'vitest';
import { byText, type TextEntry } from '../../../core/text-entry.js';
import { TextSorter } from '../../../engine/steps/sort-texts.js';
import { encodeTextEntries } from '../../../engine/steps/text-file.js';
import { collected, memoryVersion } from '../../support/memory-version.js';

const anyText: fc.Arbitrary<TextEntry> = fc
  .record({ text: fc.nat({ max: 200 }), rowKey: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }) })
  .map(({ text, rowKey }) => ({ textHash: (text * 7919).toString(16).padStart(32, '0'), rowKey }));

test('the texts of any shards come by their hashes and keys, with runs on storage as in memory', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(anyText, { maxLength: 12 }), { maxLength: 40 }),
      fc.constantFrom(1, 7, 1_000_000),
      async (shards, atOnce) => {
        const version = memoryVersion();
        const { store, layout } = version;
        const sort = async () => {
          const sorter = new TextSorter(version, atOnce);
          for (const [shard, texts] of shards.entries()) {
            await store.put(layout.texts(shard), encodeTextEntries(texts));
            await sorter.add(layout.texts(shard));
          }
          return collected(sorter.sorted());
        };
        const expected = shards.flat().sort(byText);
        expect(await sort()).toEqual(expected);
        // Another attempt finds the runs, and makes the same of them.
        expect(await sort()).toEqual(expected);
      },
    ),
    { numRuns: 25 },
  );
});
