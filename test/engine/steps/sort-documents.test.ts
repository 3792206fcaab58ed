import fc from 'fast-check';
import { expect, test } from 'vitest';
import { byDocument, type DocumentEntry } from '../../../core/document-entry.js';
import { encodeDocuments } from '../../../engine/steps/document-file.js';
import { DocumentSorter } from '../../../engine/steps/sort-documents.js';
import { collected, memoryVersion } from '../../support/memory-version.js';

const anyDocument: fc.Arbitrary<DocumentEntry> = fc
  .record({ id: fc.nat({ max: 300 }), slice: fc.nat({ max: 2 }), at: fc.nat({ max: 5 }) })
  .map(({ id, slice, at }) => ({
    idHash: (id * 7919)
      .toString(16)
      .padStart(2, '0')
      .slice(0, 2)
      .padEnd(32, String(id % 10)),
    contentHash: '00'.repeat(16),
    slice,
    at,
    firstKey: undefined,
    chunks: id,
    tokens: 0,
    truncated: 0,
  }));

test('documents of any shards come sorted, and the same with runs on storage as in memory', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(anyDocument, { maxLength: 12 }), { maxLength: 40 }),
      fc.constantFrom(1, 7, 1_000_000),
      async (shards, atOnce) => {
        const version = memoryVersion();
        const { store, layout } = version;
        const sort = async () => {
          const sorter = new DocumentSorter(version, atOnce);
          for (const [shard, documents] of shards.entries()) {
            await store.put(layout.documents(shard), encodeDocuments(documents));
            await sorter.add(layout.documents(shard), (slice) => 10 * shard + slice);
          }
          return collected(sorter.sorted());
        };
        const sorted = await sort();
        const all = shards.flatMap((documents, shard) =>
          documents.map((document) => ({ ...document, slice: 10 * shard + document.slice })),
        );
        const places = (documents: readonly DocumentEntry[]) =>
          documents.map(({ idHash, slice, at }) => `${idHash} ${slice} ${at}`);
        expect(places(sorted)).toEqual(places(all.sort(byDocument)));
        // Another attempt finds the runs, and makes the same of them.
        expect(places(await sort())).toEqual(places(sorted));
      },
    ),
    { numRuns: 25 },
  );
});
