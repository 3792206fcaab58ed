import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { joinedSources } from '../../core/compaction/joined-sources.js';
import { rowKey } from '../../core/ids.js';
import { listOf, rowsBeside, rowsInVersion } from '../../core/listed-rows.js';
import type { RowRange } from '../../core/row-ranges.js';
import { fileRowOf, rowKeysOf } from '../../core/row-source.js';
import { type PartFiles, rowsIn, VersionParts } from '../../core/version-parts.js';

/** Returns ranges of the numbers for which `isWanted` holds. */
function rangesWhere(start: number, end: number, isWanted: (row: number) => boolean): RowRange[] {
  const ranges: { start: number; end: number }[] = [];
  for (let row = start; row < end; row += 1) {
    if (!isWanted(row)) continue;
    const last = ranges.at(-1);
    if (last?.end === row) last.end += 1;
    else ranges.push({ start: row, end: row + 1 });
  }
  return ranges;
}

function filesOf(name: string, rows: { start: number; end: number; first: bigint; last: bigint }) {
  const { start, end, first, last } = rows;
  const file = { bytes: 1, start, end, firstKey: String(first), lastKey: String(last) };
  const hash = (kind: string) => Buffer.from(`${name} ${kind}`).toString('hex').padEnd(64, '0').slice(0, 64);
  return {
    chunks: { ...file, key: `chunks/${name}`, sha256: hash('c'), tokens: 1 },
    vectors: { ...file, key: `vectors/${name}`, sha256: hash('v'), minNorm: 1, maxNorm: 1, nanCount: 0 },
  };
}

/** Returns a part of one shard. */
function shardPart(shard: number, start: number, live: readonly RowRange[], end: number): PartFiles {
  const rows = { start, end, first: rowKey(shard, start), last: rowKey(shard, end - 1) };
  return { ...filesOf(`${shard}-${start}`, rows), live };
}

/** Returns the joined part of the live rows of some neighbours. */
function join(parts: readonly PartFiles[]): PartFiles {
  const keys = parts.flatMap((part) => rowKeysOf(part, part.live));
  const [first, last] = [keys[0]!.first, keys.at(-1)!.end - 1n];
  const start = Number(first & 0xffff_ffffn);
  const end = start + parts.reduce((sum, { live }) => sum + rowsIn(live), 0);
  const sources = joinedSources(parts.map((part) => ({ part, ranges: part.live })));
  return {
    ...filesOf(`joined-${first}-${end}`, { start, end, first, last }),
    live: [{ start, end }],
    sources,
  };
}

const keysIn = (parts: Iterable<PartFiles>) =>
  Array.from(parts, (part) =>
    rowKeysOf(part, part.live).flatMap(({ first, end }) =>
      Array.from({ length: Number(end - first) }, (_, at) => first + BigInt(at)),
    ),
  ).flat();

/** Parts of shards, rows that live in each, and how they are joined and die after that. */
const anyVersion = fc.record({
  shards: fc.array(fc.array(fc.array(fc.boolean(), { minLength: 1, maxLength: 9 }), { maxLength: 3 }), {
    minLength: 1,
    maxLength: 6,
  }),
  // For each round: the lengths of the groups, and the rows that die by what is left of their keys.
  rounds: fc.array(
    fc.record({
      lengths: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 6 }),
      dead: fc.integer({ min: 2, max: 7 }),
    }),
    { maxLength: 3 },
  ),
});

function shardParts(shards: readonly (readonly (readonly boolean[])[])[]): PartFiles[] {
  return shards.flatMap((ofShard, shard) => {
    let start = 0;
    return ofShard.flatMap((flags) => {
      const [from, end] = [start, start + flags.length];
      start = end;
      const live = rangesWhere(from, end, (row) => flags[row - from]!);
      return live.length > 0 ? [shardPart(shard, from, live, end)] : [];
    });
  });
}

/** Joins groups of these lengths, again and again, and lets rows die. */
function compacted(parts: readonly PartFiles[], lengths: readonly number[], dead: number): PartFiles[] {
  const joined: PartFiles[] = [];
  for (let at = 0, group = 0; at < parts.length; group += 1) {
    const some = parts.slice(at, at + lengths[group % lengths.length]!);
    joined.push(some.length > 1 ? join(some) : some[0]!);
    at += some.length;
  }
  return joined.flatMap((part) => {
    const isAlive = (row: number) => {
      const [key] = rowKeysOf(part, [{ start: row, end: row + 1 }]);
      return Number(key!.first % 11n) % dead !== 0;
    };
    const live = part.live.flatMap(({ start, end }) => rangesWhere(start, end, isAlive));
    return live.length > 0 ? [{ ...part, live }] : [];
  });
}

describe('parts that are joined, and joined again after rows of them died', () => {
  it('have the same keys, by which their rows are found', () => {
    fc.assert(
      fc.property(anyVersion, ({ shards, rounds }) => {
        let parts = shardParts(shards);
        for (const { lengths, dead } of rounds) {
          const before = keysIn(parts);
          parts = compacted(parts, lengths, dead);
          const version = VersionParts.of(parts);
          const keys = keysIn(version);
          const alive = before.filter((key) => Number(key % 11n) % dead !== 0);
          expect(keys).toEqual(alive);
          expect(keys.map((key) => version.rowOf(key))).toEqual(keys.map((_, row) => row));
          expect(keys.map((_, row) => version.keyOf(row))).toEqual(keys);
          for (const key of before) {
            const part = version.partOfKey(key);
            if (part) expect(rowKeysOf(part, [rowAt(fileRowOf(part, key)!)])[0]!.first).toBe(key);
            if (!keys.includes(key)) expect(version.rowOf(key)).toBeUndefined();
          }
        }
      }),
    );
  });

  it('are found by a list of the files in which the rows were written', () => {
    fc.assert(
      fc.property(anyVersion, fc.boolean(), ({ shards, rounds }, ofChunks) => {
        const kind = ofChunks ? 'chunks' : 'vectors';
        const written = shardParts(shards);
        let parts = written;
        for (const { lengths, dead } of rounds) {
          const before = VersionParts.of(parts);
          parts = compacted(parts, lengths, dead);
          const version = VersionParts.of(parts);
          for (const list of [listOf(written, kind), listOf(before, kind)]) {
            const { living, dead: gone } = rowsInVersion(list, version, kind);
            expect(keysIn(living)).toEqual(keysIn(version));
            const goneKeys = gone.flatMap(({ first, end }) =>
              Array.from({ length: Number(end - first) }, (_, at) => first + BigInt(at)),
            );
            expect([...goneKeys, ...keysIn(living)].sort()).toEqual(
              list
                .flatMap(({ shard, live }) =>
                  live.flatMap(({ start, end }) =>
                    Array.from({ length: end - start }, (_, at) => rowKey(shard, start + at)),
                  ),
                )
                .sort(),
            );
            expect(rowsBeside(version, [living]).rows).toBe(0);
          }
          const half = listOf(version, kind).filter((_, place) => place % 2 === 0);
          const { living } = rowsInVersion(half, version, kind);
          const beside = rowsBeside(version, [living]);
          expect([...keysIn(living), ...keysIn(beside)].sort()).toEqual(keysIn(version).sort());
        }
      }),
    );
  });

  it('are not found by a list of other files with the same names', () => {
    const parts = [0, 1].map((shard) => shardPart(shard, 0, [{ start: 0, end: 3 }], 3));
    const version = VersionParts.of([join(parts)]);
    const others = listOf(parts).map((listed) => ({ ...listed, sha256: 'f'.repeat(64) }));
    expect(rowsInVersion(others, version).living.rows).toBe(0);
  });
});

function rowAt(row: number): RowRange {
  return { start: row, end: row + 1 };
}
