import fc from 'fast-check';
import { expect, test } from 'vitest';
import { versionLayout } from '../../../core/layout.js';
import { byText, type TextEntry } from '../../../core/text-entry.js';
import { TextSorter } from '../../../engine/steps/sort-texts.js';
import { encodeTextEntries } from '../../../engine/steps/text-file.js';
import type { ObjectStore } from '../../../engine/store/object-store.js';
import type { OpenVersion } from '../../../engine/version/open-version.js';
import { MemoryStore } from '../../support/memory-store.js';

const anyText: fc.Arbitrary<TextEntry> = fc
  .record({ text: fc.nat({ max: 200 }), rowKey: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }) })
  .map(({ text, rowKey }) => ({ textHash: (text * 7919).toString(16).padStart(32, '0'), rowKey }));

test('the texts of any shards come by their hashes and keys, with runs on storage as in memory', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(anyText, { maxLength: 12 }), { maxLength: 40 }),
      fc.constantFrom(1, 7, 1_000_000),
      async (shards, atOnce) => {
        const store = new MemoryStore('file:///memory');
        const layout = versionLayout('test', 'v1');
        const version = { store: store as ObjectStore, layout } as OpenVersion;
        const sort = async () => {
          const sorter = new TextSorter(version, atOnce);
          for (const [shard, texts] of shards.entries()) {
            await store.put(layout.texts(shard), encodeTextEntries(texts));
            await sorter.add(layout.texts(shard));
          }
          const sorted: TextEntry[] = [];
          for await (const text of sorter.sorted()) sorted.push(text);
          return sorted;
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
