import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { IdSample } from '../../core/id-sample.js';

function sampleOf(ids: readonly string[], count: number): string[] {
  const sample = new IdSample<string>(count);
  for (const id of ids) sample.offer(id, () => id);
  return sample.items();
}

const ids = fc.uniqueArray(fc.string(), { maxLength: 60 });
const count = fc.integer({ min: 0, max: 12 });

describe('a sample by ids', () => {
  it('is the same in whatever order the ids come, and of the size that was asked for', () => {
    fc.assert(
      fc.property(ids, count, (all, most) => {
        const sample = sampleOf(all, most);
        expect(sample).toHaveLength(Math.min(all.length, most));
        expect(sampleOf(all.toSorted(), most)).toEqual(sample);
        expect(sampleOf(all.toReversed(), most)).toEqual(sample);
      }),
    );
  });

  it('changes by at most one item where there is one more id', () => {
    fc.assert(
      fc.property(ids, count, fc.string(), (all, most, more) => {
        fc.pre(!all.includes(more));
        const before = new Set(sampleOf(all, most));
        expect(sampleOf([...all, more], most).filter((id) => !before.has(id)).length).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('takes each of many ids about as often', () => {
    const taken = sampleOf(
      Array.from({ length: 10_000 }, (_, number) => `docs/page-${number}.md#0`),
      1000,
    ).map((id) => Number(/\d+/.exec(id)![0]));
    const tenths = new Array<number>(10).fill(0);
    for (const number of taken) tenths[Math.floor(number / 1000)]! += 1;
    for (const share of tenths) expect(share).toBeGreaterThan(60);
  });
});
