import { describe, expect, it } from 'vitest';
import { type NightPattern, simulateYear } from './simulated-year.js';

const every = (night: Partial<ReturnType<NightPattern['nightOf']>>, hot?: number): NightPattern => ({
  nightOf: () => ({ shards: 1, ...night }),
  ...(hot !== undefined && { hot }),
});

/** The patterns for a version that had this number of full parts. */
const PATTERNS: Readonly<Record<string, (fullParts: number) => NightPattern>> = {
  'edits of 1% that lie in one shard': () => every({ edited: 0.01 }),
  'edits of 1% that lie in five shards': () => every({ edited: 0.01, shards: 5 }),
  'edits of 1% that lie in all shards': (fullParts) => every({ edited: 0.01, shards: fullParts }),
  'edits of 0.1%': () => every({ edited: 0.001, shards: 5 }),
  'edits of 1%, mostly of what is new': () => every({ edited: 0.01, shards: 5 }, 0.1),
  'edits of half of everything': (fullParts) => every({ edited: 0.5, shards: fullParts }),
  'insertions of 0.1%': () => every({ added: 0.001, shards: 3 }),
  'insertions of 1%': (fullParts) => every({ added: 0.01, shards: Math.ceil(fullParts / 10) }),
  bursts: (fullParts) => ({
    nightOf: (night) => ({
      edited: night % 30 === 29 ? 0.4 : 0.001,
      added: night % 45 === 44 ? 0.2 : 0,
      deleted: night % 60 === 59 ? 0.15 : 0,
      shards: night % 30 === 29 ? fullParts : 3,
    }),
  }),
};

/** `make torture` tries more seeds, and larger versions. */
const IS_LONG = Number(process.env.VECTORMILL_TEST_HISTORIES ?? 0) >= 1000;
const SEEDS = IS_LONG ? [1, 2, 3, 4, 5, 6, 7, 8] : [1, 2];
const SIZES = IS_LONG ? [1, 3, 10, 30, 100, 300, 1000] : [1, 10, 60];

describe('a simulated year of nights', () => {
  it.each(Object.entries(PATTERNS))('of %s keeps few files, and moves few bytes', (name, patternOf) => {
    for (const size of SIZES)
      for (const seed of SEEDS) {
        const year = simulateYear(size, patternOf(size), seed);
        const times = year.movedRows / year.addedRows;
        if (IS_LONG)
          process.stdout.write(
            `${name}, ${size} full parts, seed ${seed}: ${year.filesBeyond.toFixed(0)} files beyond 1.5 times, ${times.toFixed(2)} times moved\n`,
          );
        expect({ size, seed, files: Math.max(50, year.filesBeyond) }).toEqual({ size, seed, files: 50 });
        expect({ size, seed, times: Math.max(3, times) }).toEqual({ size, seed, times: 3 });
      }
  });

  it('of deletions keeps few files, and moves fewer rows than there were', () => {
    for (const size of SIZES)
      for (const seed of SEEDS) {
        const year = simulateYear(size, every({ deleted: 0.01 }), seed);
        expect(year.filesBeyond).toBeLessThanOrEqual(50);
        expect(year.movedRows / year.deadRows).toBeLessThanOrEqual(3);
        expect(year.movedRows).toBeLessThanOrEqual(3 * (1000 * size + year.addedRows));
      }
  });
});
