import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { rowKey } from '../../../core/ids.js';
import type { RowRange } from '../../../core/row-ranges.js';
import { rowsIn } from '../../../core/version-parts.js';
import { ColumnMemory } from '../../../engine/parquet/column-memory.js';
import { readTail } from '../../../engine/parquet/footer.js';
import {
  type ListedPart,
  readPartListFile,
  writePartListFile,
} from '../../../engine/parquet/part-list-file.js';
import {
  type ListedVectors,
  readVectorListFile,
  writeVectorListFile,
} from '../../../engine/parquet/vector-list-file.js';
import { PROJECT } from '../../../infra/project.js';

const anyHash = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((bytes) => Buffer.from(bytes).toString('hex'));
const anyUint32 = fc.nat({ max: 0xffff_ffff });

/** Any live rows of `[start, start + gaps)`, at least one. */
const anyPart: fc.Arbitrary<ListedPart> = fc
  .record({
    shard: anyUint32,
    start: fc.nat({ max: 1000 }),
    cuts: fc.uniqueArray(fc.nat({ max: 40 }), { minLength: 2, maxLength: 8 }),
    beyond: fc.nat({ max: 3 }),
    origin: fc.nat({ max: 5 }),
    sha256: anyHash,
    bytes: anyUint32,
    tokens: anyUint32,
  })
  .map(({ cuts, beyond, start, ...part }) => {
    const borders = [...cuts].sort((a, b) => a - b).map((cut) => start + cut);
    const live: RowRange[] = [];
    for (let at = 0; at + 1 < borders.length; at += 2)
      live.push({ start: borders[at]!, end: borders[at + 1]! });
    return { ...part, start, end: live.at(-1)!.end + beyond, live };
  });

const anyVectors: fc.Arbitrary<ListedVectors> = fc.record(
  {
    origin: fc.nat({ max: 5 }),
    sha256: anyHash,
    bytes: anyUint32,
    minNorm: fc.double({ noNaN: true }),
    maxNorm: fc.double({ noNaN: true }),
    billedTokens: anyUint32,
  },
  { requiredKeys: ['origin', 'sha256', 'bytes', 'minNorm', 'maxNorm'] },
);

/** Returns a part whose numbers take 8, 16 or 32 bits, according to its place. */
function partAt(place: number, count: number): ListedPart {
  const start = place % 3 === 0 ? 70_000 * (place % 5) : place % 200;
  const wide = place > count / 2 ? 300 : 1;
  const live = [
    { start: start + 1, end: start + 2 + wide },
    { start: start + 3 + wide, end: start + 4 + 2 * wide },
  ];
  const sha256 = place.toString(16).padStart(64, '0');
  return {
    shard: place,
    start,
    end: start + 1000,
    live,
    origin: place % 300,
    sha256,
    bytes: place,
    tokens: 1,
  };
}

/** A joined part of two sources in two shards, of which rows died since. */
const JOINED: ListedPart = {
  shard: 3,
  start: 2,
  end: 8,
  live: [
    { start: 2, end: 4 },
    { start: 7, end: 8 },
  ],
  origin: 1,
  sha256: 'ab'.repeat(32),
  bytes: 900,
  tokens: 60,
  moves: 2,
  sources: [
    {
      shard: 3,
      start: 0,
      end: 10,
      chunksSha256: '11'.repeat(32),
      vectorsSha256: '22'.repeat(32),
      kept: [
        { start: 2, end: 3 },
        { start: 5, end: 8 },
      ],
    },
    {
      shard: 9,
      start: 4,
      end: 6,
      chunksSha256: '33'.repeat(32),
      vectorsSha256: '44'.repeat(32),
      kept: [{ start: 4, end: 6 }],
    },
  ],
};

describe('the lists of a version', () => {
  test('any parts are read back as they were written', () => {
    fc.assert(
      fc.property(fc.array(anyPart, { maxLength: 10 }), (parts) => {
        const list = readPartListFile(writePartListFile(parts, {}), 'list');
        expect(list.length).toBe(parts.length);
        for (const [place, part] of parts.entries()) {
          expect(list.at(place)).toEqual(part);
          expect(list.liveRowsAt(place)).toBe(rowsIn(part.live));
          expect(list.firstKeyAt(place)).toBe(rowKey(part.shard, part.start));
        }
      }),
    );
  });

  test('lists of several row groups are kept in a few arrays, and read back as they were written', () => {
    const keeper = new ColumnMemory(1_000_000);
    const lists = [17_000, 33_000].map((count) => {
      const parts = Array.from({ length: count }, (_, place): ListedPart => partAt(place, count));
      const files = parts.map(({ sha256, bytes, origin }) => ({
        sha256,
        bytes,
        origin,
        minNorm: 1,
        maxNorm: 2,
      }));
      const partList = readPartListFile(writePartListFile(parts, {}), 'list', keeper);
      const vectorList = readVectorListFile(writeVectorListFile(files, {}), 'list', keeper);
      return { parts, files, partList, vectorList };
    });
    for (const { parts, files, partList, vectorList } of lists) {
      expect(partList.length).toBe(parts.length);
      expect(vectorList.length).toBe(files.length);
      for (let place = 0; place < parts.length; place += 97) {
        expect(partList.at(place)).toEqual(parts[place]);
        expect(partList.liveRowsAt(place)).toBe(rowsIn(parts[place]!.live));
        expect(vectorList.at(place)).toEqual(files[place]);
      }
    }
  });

  test('joined parts are read back as they were written, among others', () => {
    const plain = partAt(1, 10);
    for (const keeper of [undefined, new ColumnMemory(1000)]) {
      const list = readPartListFile(writePartListFile([plain, JOINED, partAt(10, 10)], {}), 'list', keeper);
      expect(list.at(1)).toEqual(JOINED);
      expect(list.at(0)).toEqual({ ...plain, start: plain.start });
      expect([list.liveAt(0), list.liveAt(1)]).toEqual([plain.live, undefined]);
      expect(list.liveRowsAt(1)).toBe(3);
      expect(list.firstKeyAt(1)).toBe(rowKey(3, 2));
    }
  });

  test('a list has the second format only where it has a joined part', () => {
    const formatOf = (parts: readonly ListedPart[]) =>
      readTail(writePartListFile(parts, {}), 'list').footer.format;
    expect([formatOf([]), formatOf([partAt(1, 2)]), formatOf([JOINED])]).toEqual([
      'part-list/1',
      'part-list/1',
      'part-list/2',
    ]);
  });

  test('a list of the first format, as the release before wrote it, is read', () => {
    const bytes = readFileSync(join(PROJECT, 'test/fixtures/part-list-1.parquet'));
    const list = readPartListFile(bytes, 'list');
    expect(Array.from({ length: list.length }, (_, place) => list.at(place))).toEqual([
      partAt(0, 4),
      partAt(1, 4),
      partAt(3, 4),
    ]);
  });

  const [first, second] = JOINED.sources!;
  test.each([
    ['that do not ascend', [second!, first!]],
    ['of fewer rows', [first!]],
    ['that begin elsewhere', [{ ...first!, kept: [{ start: 1, end: 5 }] }, second!]],
    ['with rows beyond their part', [first!, { ...second!, kept: [{ start: 5, end: 7 }] }]],
    ['with ranges that touch', [{ ...first!, kept: [{ start: 2, end: 3 }, { start: 3, end: 6 }] }, second!]], // biome-ignore format: one case a line
    ['without rows', [first!, second!, { ...second!, shard: 10, kept: [] }]],
  ])('sources %s are FILE_DAMAGED', (_, sources) => {
    const bytes = writePartListFile([{ ...JOINED, sources }], {});
    expect(() => readPartListFile(bytes, 'list')).toThrow(expect.objectContaining({ code: 'FILE_DAMAGED' }));
  });

  test('any vector files are read back as they were written', () => {
    fc.assert(
      fc.property(fc.array(anyVectors, { maxLength: 10 }), (files) => {
        const list = readVectorListFile(writeVectorListFile(files, {}), 'list');
        expect(Array.from({ length: list.length }, (_, place) => list.at(place))).toEqual(files);
      }),
    );
  });

  test.each([
    ['beyond the part', [{ start: 2, end: 11 }]],
    ['before the part', [{ start: 0, end: 3 }]],
    ['that do not ascend', [{ start: 5, end: 6 }, { start: 2, end: 3 }]], // biome-ignore format: one case a line
    ['that are empty', [{ start: 4, end: 4 }]],
  ])('live rows %s are FILE_DAMAGED', (_, live) => {
    const part = {
      shard: 0,
      start: 2,
      end: 10,
      live,
      origin: 0,
      sha256: '00'.repeat(32),
      bytes: 1,
      tokens: 1,
    };
    const bytes = writePartListFile([part], {});
    expect(() => readPartListFile(bytes, 'list')).toThrow(expect.objectContaining({ code: 'FILE_DAMAGED' }));
  });
});
