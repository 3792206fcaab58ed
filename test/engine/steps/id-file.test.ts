import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ALL_BUCKETS } from '../../../core/buckets.js';
import { IdCollector, readIds, readScanSummary } from '../../../engine/steps/id-file.js';
import { openStore } from '../../../engine/store/open-store.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

const place = { key: 'ids', shard: 3 };
const hashOf = (id: string) => createHash('sha256').update(id).digest().subarray(0, 16).toString('latin1');

it('an id file gives back every id of a range of buckets, in ordinal order within each bucket', async () => {
  const store = openStore(temporaryFolder());
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.string(), { maxLength: 80 }),
      fc.integer({ min: 0, max: 256 }),
      fc.integer({ min: 0, max: 256 }),
      async (ids, one, other) => {
        const [from, to] = [Math.min(one, other), Math.max(one, other)];
        const collector = new IdCollector();
        for (const [ordinal, id] of ids.entries()) collector.add(recordOf(id, ordinal));
        const summary = { shard: 3, documents: ids.length, rejects: { BAD_JSON: 1 } };
        await store.put('ids', collector.encode(summary));
        const expected = ids
          .map((id, ordinal) => ({ hash: hashOf(id), shard: 3, ordinal }))
          .filter(({ hash }) => hash.charCodeAt(0) >= from && hash.charCodeAt(0) < to)
          .sort((a, b) => a.hash.charCodeAt(0) - b.hash.charCodeAt(0) || a.ordinal - b.ordinal);
        expect(await readIds(store, place, { from, to })).toEqual(expected);
        expect(await readScanSummary(store, 'ids')).toEqual(summary);
      },
    ),
    { numRuns: 25 },
  );
});

function recordOf(id: string, ordinal: number) {
  const position = { uri: 'file:///corpus/a.jsonl', unit: 'byte' as const, at: ordinal };
  return { kind: 'document' as const, ordinal, position, document: { id, text: 'text' } };
}

it('an id file holds more ids than the collector first had room for', async () => {
  const store = openStore(temporaryFolder());
  const collector = new IdCollector();
  for (let ordinal = 0; ordinal < 20_000; ordinal += 1) collector.add(recordOf(`id ${ordinal}`, ordinal));
  await store.put('ids', collector.encode({ shard: 0, documents: 20_000, rejects: {} }));
  const found = await readIds(store, place, ALL_BUCKETS);
  expect(new Set(found.map(({ hash }) => hash)).size).toBe(20_000);
  expect(new Set(found.map(({ ordinal }) => ordinal)).size).toBe(20_000);
});

it('an id file that is cut off is FILE_DAMAGED', async () => {
  const store = openStore(temporaryFolder());
  const collector = new IdCollector();
  for (let ordinal = 0; ordinal < 10; ordinal += 1) collector.add(recordOf(`id ${ordinal}`, ordinal));
  const bytes = collector.encode({ shard: 0, documents: 10, rejects: {} });
  for (const length of [0, 5, 100, bytes.length - 1]) {
    await store.put('ids', bytes.subarray(0, length));
    await expect(readIds(store, place, ALL_BUCKETS), `${length} bytes`).rejects.toMatchObject({
      code: 'FILE_DAMAGED',
    });
  }
});

it.each([
  ['no JSON', '{"counts": ['],
  ['no counts', '{}'],
  ['the counts of too few buckets', '{"counts": [1, 2]}'],
  ['a count beyond any file', JSON.stringify({ counts: Array(256).fill(2 ** 60) })],
  ['half a record', JSON.stringify({ counts: Array(256).fill(0.5) })],
  ['fewer than none', JSON.stringify({ counts: Array(256).fill(-1) })],
])('an id file whose header holds %s is FILE_DAMAGED', async (_, header) => {
  const store = openStore(temporaryFolder());
  const length = Buffer.alloc(4);
  length.writeUInt32LE(Buffer.byteLength(header));
  await store.put('ids', Buffer.concat([Buffer.from('VMIDS001'), length, Buffer.from(header)]));
  const damaged = { code: 'FILE_DAMAGED', file: expect.stringContaining('/ids') };
  await expect(readIds(store, place, { from: 255, to: 256 })).rejects.toMatchObject(damaged);
  await expect(readScanSummary(store, 'ids')).rejects.toMatchObject(damaged);
});
