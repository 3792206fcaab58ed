import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { DocumentEntry } from '../../../core/document-entry.js';
import { readEntryBlocks } from '../../../engine/steps/bucket-file.js';
import { DOCUMENT_FILE, encodeDocuments, readDocumentFile } from '../../../engine/steps/document-file.js';
import { MemoryStore } from '../../support/memory-store.js';

const anyHash = fc
  .uint8Array({ minLength: 16, maxLength: 16 })
  .map((bytes) => Buffer.from(bytes).toString('hex'));
const anyUint32 = fc.nat({ max: 0xffff_ffff });

const anyDocument: fc.Arbitrary<DocumentEntry> = fc.record({
  idHash: anyHash,
  contentHash: anyHash,
  slice: anyUint32,
  at: fc.nat({ max: Number.MAX_SAFE_INTEGER }),
  firstKey: fc.option(fc.bigInt({ min: 0n, max: 2n ** 64n - 2n }), { nil: undefined }),
  chunks: anyUint32,
  tokens: anyUint32,
  truncated: anyUint32,
});

describe('the file of the documents of a shard', () => {
  test('gives back every document, read at once or in blocks of any size', async () => {
    const store = new MemoryStore('file:///memory');
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyDocument, { maxLength: 20 }),
        fc.integer({ min: 1, max: 25 }),
        async (documents, atOnce) => {
          await store.put('file', encodeDocuments(documents));
          const whole = await readDocumentFile(store, 'file');
          const blocks: DocumentEntry[][] = [];
          for await (const block of readEntryBlocks(store, 'file', DOCUMENT_FILE, atOnce)) blocks.push(block);
          expect(blocks.flat()).toEqual(whole);
          expect(blocks.slice(0, -1).every(({ length }) => length === atOnce)).toBe(true);
          const inOrder = (some: readonly DocumentEntry[]) =>
            [...some].sort((a, b) => (JSON.stringify(a, text) < JSON.stringify(b, text) ? -1 : 1));
          expect(inOrder(whole)).toEqual(inOrder(documents));
        },
      ),
      { numRuns: 30 },
    );
  });

  test('that was cut short is FILE_DAMAGED', async () => {
    const store = new MemoryStore('file:///memory');
    const [document] = fc.sample(anyDocument, 1);
    const bytes = encodeDocuments([document!]);
    for (const length of [0, 7, 11, bytes.length - 1]) {
      await store.put('file', bytes.subarray(0, length));
      await expect(readDocumentFile(store, 'file')).rejects.toMatchObject({
        code: 'FILE_DAMAGED',
      });
    }
  });
});

function text(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}
