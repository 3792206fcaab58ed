import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EMPTY_HASH, extendHash, RunTable, type TextRun } from '../../../engine/tokenizer/run-table.js';

function hashOf(text: string): number {
  let hash = EMPTY_HASH;
  for (let i = 0; i < text.length; i++) hash = extendHash(hash, text.charCodeAt(i));
  return hash;
}

/** Returns the ids that a table has for a run, or undefined if it does not know the run. */
function idsIn(table: RunTable, { text, start, end, hash }: TextRun): number[] | undefined {
  const run = table.find(text, start, end, hash);
  if (run < 0) return undefined;
  const ids = new Uint32Array(table.idCount(run) + 2);
  table.copyIds(run, ids, 1);
  expect([ids[0], ids.at(-1)]).toEqual([0, 0]);
  return [...ids.subarray(1, -1)];
}

/** Returns a word somewhere within a longer text. */
function runOf(word: string, hash: number, before = '', after = ''): TextRun {
  return { text: before + word + after, start: before.length, end: before.length + word.length, hash };
}

const entry = fc.tuple(
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.array(fc.nat(2 ** 32 - 1), { maxLength: 4 }),
);

describe.each([
  { hashes: 'their own hashes', hashed: hashOf },
  { hashes: 'one hash for all', hashed: () => 7 },
  { hashes: 'few hashes', hashed: (word: string) => word.length % 3 },
])('a table of runs with $hashes', ({ hashed }) => {
  it('finds what a map finds, wherever a run lies', () => {
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 40 }), fc.string(), fc.string(), (entries, before, after) => {
        const table = new RunTable();
        const map = new Map<string, number[]>();
        for (const [word, ids] of entries) {
          const run = runOf(word, hashed(word), before, after);
          expect(idsIn(table, run)).toEqual(map.get(word));
          if (map.has(word)) continue;
          map.set(word, ids);
          table.add(run, ids);
        }
        expect(table.size).toBe(map.size);
        for (const [word, ids] of map) expect(idsIn(table, runOf(word, hashed(word), after))).toEqual(ids);
      }),
    );
  });
});

it('a table grows, and keeps what it has', () => {
  const table = new RunTable();
  const words = Array.from({ length: 5000 }, (_, index) => `word${index}`);
  for (const [index, word] of words.entries())
    table.add(runOf(word, hashOf(word)), [index, 2 * index, 3 * index]);
  for (const [index, word] of words.entries())
    expect(idsIn(table, runOf(word, hashOf(word), 'a '))).toEqual([index, 2 * index, 3 * index]);
  expect(idsIn(table, runOf('word', hashOf('word')))).toBeUndefined();
});
