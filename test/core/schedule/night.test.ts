import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NAME_PATTERN } from '../../../core/name.js';
import {
  freeNightTime,
  MAX_SCHEDULE_NAME_LENGTH,
  nightTime,
  nightVersion,
} from '../../../core/schedule/night.js';

const time = fc.integer({ min: 0, max: Date.UTC(9999, 11, 31) });
const name = fc.stringMatching(NAME_PATTERN).map((text) => text.slice(0, MAX_SCHEDULE_NAME_LENGTH));

describe('the version of a night', () => {
  it('names the schedule and the time in UTC', () => {
    expect(nightVersion('nightly', Date.UTC(2026, 10, 21, 2, 5, 9))).toBe('nightly-20261121T020509Z');
  });

  it('is a name that every store can hold', () => {
    fc.assert(
      fc.property(name, time, (schedule, at) => {
        expect(nightVersion(schedule, at)).toMatch(NAME_PATTERN);
      }),
    );
  });

  it('says the time of the night, to the second', () => {
    fc.assert(
      fc.property(name, time, (schedule, at) => {
        expect(nightTime(schedule, nightVersion(schedule, at))).toBe(Math.floor(at / 1000) * 1000);
      }),
    );
    for (const other of ['v1', 'nightly', 'nightly-2', 'nightly-20261321T020509Z', 'weekly-20261121T020509Z'])
      expect(nightTime('nightly', other), other).toBeUndefined();
    expect(nightTime('nightly', 'nightly-b-20261121T020509Z')).toBeUndefined();
  });

  it('is shared by two nights only within one second, and sorts as they do', () => {
    fc.assert(
      fc.property(name, time, time, (schedule, a, b) => {
        const [left, right] = [nightVersion(schedule, a), nightVersion(schedule, b)];
        expect(Math.sign(Math.floor(a / 1000) - Math.floor(b / 1000))).toBe(
          left < right ? -1 : left > right ? 1 : 0,
        );
      }),
    );
  });
});

describe('the time of a night that is not begun yet', () => {
  it('is the present second, or the first one after it that no night has', async () => {
    const seconds = fc.uniqueArray(fc.integer({ min: 0, max: 8 }));
    await fc.assert(
      fc.asyncProperty(name, time, seconds, async (schedule, now, begun) => {
        const present = Math.floor(now / 1000) * 1000;
        const versions = begun.map((second) => nightVersion(schedule, present + second * 1000));
        const isBegun = async (version: string) => versions.includes(version);
        const free = (await freeNightTime(schedule, now, isBegun)) - present;
        const skipped = Array.from({ length: free / 1000 }, (_, second) => second);
        expect(begun).toEqual(expect.arrayContaining(skipped));
        expect(begun).not.toContain(free / 1000);
      }),
    );
  });
});
