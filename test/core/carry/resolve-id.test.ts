import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type KnownRecord, resolveId, type ScannedRecord } from '../../../core/carry/resolve-id.js';
import { rowKey } from '../../../core/ids.js';

const ID = 'aa'.repeat(16);
const hash = (content: number) => String(content).padStart(32, '0');

/** A record of the parent: the first in its corpus has rows. */
const known = (slice: number | undefined, at: number, content: number, row?: number): KnownRecord => ({
  idHash: ID,
  contentHash: hash(content),
  slice,
  at,
  firstKey: row === undefined ? undefined : rowKey(0, row),
  chunks: row === undefined ? 0 : 2,
  tokens: row === undefined ? 0 : 9,
  truncated: 0,
});
const scanned = (slice: number, at: number, content: number): ScannedRecord => ({
  idHash: ID,
  contentHash: hash(content),
  slice,
  at,
  shard: 7,
  ordinal: at,
});

describe('the records of one id', () => {
  test('keep their rows while nothing changes', () => {
    const resolved = resolveId([known(0, 5, 1, 40), known(2, 0, 1)], []);
    expect(resolved.entries).toEqual([known(0, 5, 1, 40), known(2, 0, 1)]);
    expect(resolved).toMatchObject({ dead: undefined, reread: undefined, chunked: undefined });
  });

  test('carry the rows to wherever the same content is read now', () => {
    const resolved = resolveId([known(undefined, 5, 1, 40)], [scanned(3, 8, 1)]);
    expect(resolved.entries).toEqual([{ ...known(3, 8, 1, 40) }]);
    expect(resolved.unchunked).toEqual([{ record: scanned(3, 8, 1), why: 'carried' }]);
    expect(resolved.dead).toBeUndefined();
  });

  test('lose the rows of an edited document', () => {
    const resolved = resolveId([known(undefined, 5, 1, 40)], [scanned(0, 5, 2)]);
    expect(resolved.chunked).toEqual(scanned(0, 5, 2));
    expect(resolved.dead).toMatchObject({ firstKey: rowKey(0, 40), chunks: 2 });
  });

  test('lose the rows of a deleted document', () => {
    expect(resolveId([known(undefined, 5, 1, 40)], [])).toMatchObject({
      entries: [],
      dead: { firstKey: rowKey(0, 40) },
    });
  });

  test('are read again where the first has gone and another has other content', () => {
    const resolved = resolveId([known(undefined, 5, 1, 40), known(2, 0, 2)], []);
    expect(resolved.reread).toEqual(known(2, 0, 2));
    expect(resolved.dead).toMatchObject({ chunks: 2 });
  });

  test('are not read again where the next one has the same content', () => {
    const resolved = resolveId([known(undefined, 5, 1, 40), known(2, 0, 1)], []);
    expect(resolved.entries).toEqual([known(2, 0, 1, 40)]);
    expect(resolved.reread).toBeUndefined();
  });

  test('become rejects at their places where an earlier one appears', () => {
    const resolved = resolveId([known(4, 5, 1, 40)], [scanned(2, 0, 2)]);
    expect(resolved.newlyRepeated).toEqual([known(4, 5, 1, 40)]);
    expect(resolved.chunked).toEqual(scanned(2, 0, 2));
    expect(resolved.entries).toEqual([known(4, 5, 1)]);
  });

  test('give the document and the rejects of a full run, and rows of the same content only', () => {
    const place = fc.record({
      slice: fc.nat({ max: 4 }),
      at: fc.nat({ max: 4 }),
      content: fc.nat({ max: 2 }),
    });
    const records = fc.uniqueArray(fc.record({ place, isKnown: fc.boolean(), isKept: fc.boolean() }), {
      selector: ({ place: { slice, at } }) => slice * 10 + at,
      maxLength: 6,
    });
    fc.assert(
      fc.property(records, fc.option(fc.nat({ max: 2 })), (all, gone) => {
        // The parent's document was the first of its records, or one whose object is gone now.
        const parents = all.filter(({ isKnown }) => isKnown);
        const sorted = [...parents].sort((a, b) => a.place.slice - b.place.slice || a.place.at - b.place.at);
        const ofParent = [
          ...(gone === null ? [] : [known(undefined, 0, gone, 40)]),
          ...sorted.map(({ place: { slice, at, content }, isKept }, index) =>
            known(isKept ? slice : undefined, at, content, gone === null && index === 0 ? 40 : undefined),
          ),
        ];
        const read = all
          .filter(({ isKnown }) => !isKnown)
          .map(({ place: { slice, at, content } }) => scanned(slice, at, content));
        const resolved = resolveId(ofParent, read);
        const present = [...ofParent.filter(({ slice }) => slice !== undefined), ...read].sort(
          (a, b) => a.slice! - b.slice! || a.at - b.at,
        );
        const [first] = present;
        const rows = ofParent.find(({ firstKey }) => firstKey !== undefined);
        const documents = resolved.entries.filter(({ firstKey }) => firstKey !== undefined);
        const made = [...documents, resolved.chunked, resolved.reread].filter((one) => one !== undefined);
        expect(made).toHaveLength(first ? 1 : 0);
        if (first)
          expect(made[0]).toMatchObject({ slice: first.slice, at: first.at, contentHash: first.contentHash });
        expect(resolved.entries.length - documents.length).toBe(Math.max(0, present.length - 1));
        for (const { contentHash } of documents) expect(contentHash).toBe(rows?.contentHash);
        expect(resolved.dead === undefined).toBe(rows === undefined || documents.length === 1);
        expect(resolved.unchunked.length + (resolved.chunked ? 1 : 0)).toBe(read.length);
      }),
    );
  });
});
