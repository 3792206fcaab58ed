import { describe, expect, test } from 'vitest';
import { changedNights } from '../../../engine/schedule/changed-nights.js';
import { clockChanges } from '../../../engine/schedule/clock-changes.js';

const NOW = Date.parse('2026-11-29T12:00:00Z');

/** Returns the first skipped and the first repeated night, as texts. */
function first(timezone: string, ...cron: string[]) {
  const { skipped, repeated } = changedNights({ cron, timezone }, NOW);
  const text = (at: Date | number) => new Date(at).toISOString().slice(0, 19);
  return {
    skipped: skipped[0] && [text(skipped[0].local), text(skipped[0].at), skipped[0].isServed],
    repeated: repeated[0] && [text(repeated[0].local), text(repeated[0].at)],
  };
}

describe('the changes of the clocks', () => {
  test.each([
    ['Europe/Berlin', '2027-03-28T01:00:00', '2027-10-31T01:00:00'],
    ['America/New_York', '2027-03-14T07:00:00', '2027-11-07T06:00:00'],
    ['Australia/Lord_Howe', '2027-04-03T15:00:00', '2027-10-02T15:30:00'],
    ['Africa/Cairo', '2027-04-29T22:00:00', '2027-10-28T21:00:00'],
  ])('are found in %s', (timezone, ...expected) => {
    const changes = clockChanges(timezone, NOW, NOW + 365 * 86_400_000);
    expect(changes.map(({ at }) => new Date(at).toISOString().slice(0, 19))).toEqual(expected);
  });

  test('include a day that a whole country skipped, and are none in a zone without any', () => {
    const [change] = clockChanges(
      'Pacific/Apia',
      Date.parse('2011-12-20T00:00Z'),
      Date.parse('2012-01-10T00:00Z'),
    );
    expect(change).toEqual({
      at: Date.parse('2011-12-30T10:00Z'),
      before: -10 * 3_600_000,
      after: 14 * 3_600_000,
    });
    expect(clockChanges('Asia/Tokyo', NOW, NOW + 10 * 365 * 86_400_000)).toEqual([]);
  });
});

describe('a night whose time the clock jumps over', () => {
  test.each([
    ['Europe/Berlin', '0 2 * * *', '2027-03-28T02:00:00', '2027-03-28T01:00:00'],
    ['Europe/Berlin', '45 2 * * *', '2027-03-28T02:45:00', '2027-03-28T01:00:00'],
    ['Europe/Berlin', '*/10 2 * * *', '2027-03-28T02:00:00', '2027-03-28T01:00:00'],
    ['Europe/Berlin', '0 2 28 3 *', '2027-03-28T02:00:00', '2027-03-28T01:00:00'],
    ['Europe/Berlin', '0 2 * * SUN', '2027-03-28T02:00:00', '2027-03-28T01:00:00'],
    ['Europe/Berlin', '0 */2 * * *', '2027-03-28T02:00:00', '2027-03-28T01:00:00'],
    ['America/New_York', '30 2 * * *', '2027-03-14T02:30:00', '2027-03-14T07:00:00'],
    ['Africa/Cairo', '@daily', '2027-04-30T00:00:00', '2027-04-29T22:00:00'],
    ['Asia/Beirut', '30 0 * * *', '2027-03-28T00:30:00', '2027-03-27T22:00:00'],
    ['America/Santiago', '0 0 * * *', '2027-09-05T00:00:00', '2027-09-05T04:00:00'],
    ['Antarctica/Troll', '30 1 * * *', '2027-03-28T01:30:00', '2027-03-28T01:00:00'],
  ])('begins at the first instant after that time: %s, %s', (timezone, cron, local, at) => {
    expect(first(timezone, cron)).toEqual({ skipped: [local, at, false], repeated: undefined });
  });

  test('is begun by Temporal itself, half an hour later, if the jump is half an hour', () => {
    expect(first('Australia/Lord_Howe', '15 2 * * *').skipped).toEqual([
      '2027-10-03T02:15:00',
      '2027-10-02T15:45:00',
      true,
    ]);
  });

  test.each([
    ['a zone that never changes', 'UTC', ['0 2 * * *']],
    ['another hour', 'Europe/Berlin', ['0 3 * * *']],
    ['the last minute before', 'Europe/Berlin', ['59 1 * * *']],
    ['days on which the clocks never change', 'Europe/Berlin', ['0 2 * * MON-FRI']],
    ['another month', 'Europe/Berlin', ['0 2 * 4-9 *']],
    ['a year that has no such night', 'Europe/Berlin', ['0 2 28 3 * 2028']],
    ['every hour, which loses none', 'Europe/Berlin', ['30 * * * *']],
    ['an interval, which knows no clock', 'Europe/Berlin', ['@every 24h']],
    ['a night that begins at that instant in any case', 'Europe/Berlin', ['0 2 * * *', '0 3 * * *']],
  ])('is not found for %s', (_, timezone, cron) => {
    expect(first(timezone, ...cron).skipped).toBeUndefined();
  });

  test('is found in each of the next twenty years', () => {
    const { skipped } = changedNights({ cron: ['0 2 * * *'], timezone: 'Europe/Berlin' }, NOW);
    expect(skipped.map(({ local }) => local.getUTCFullYear())).toEqual(
      Array.from({ length: 20 }, (_, n) => 2027 + n),
    );
  });
});

describe('a night whose time comes twice', () => {
  test.each([
    ['America/New_York', '30 1 * * *', '2027-11-07T01:30:00', '2027-11-07T05:30:01'],
    ['America/Havana', '0 0 * * *', '2027-11-07T00:00:00', '2027-11-07T04:00:01'],
    ['Atlantic/Azores', '0 0 * * *', '2027-10-31T00:00:00', '2027-10-31T00:00:01'],
  ])('begins at the first one if Temporal would begin it at both: %s, %s', (timezone, cron, local, at) => {
    expect(first(timezone, cron)).toMatchObject({ repeated: [local, at] });
  });

  test.each([
    ['east of Greenwich, where it begins it once', 'Europe/Berlin', ['30 2 * * *']],
    ['at Greenwich', 'Europe/London', ['30 1 * * *']],
    ['for every hour', 'America/New_York', ['30 * * * *']],
    ['beside an expression for every hour', 'America/New_York', ['30 1 * * *', '0 * * * *']],
    ['beside an interval', 'America/New_York', ['30 1 * * *', '@every 1h']],
    ['for every minute', 'America/New_York', ['* 1 * * *']],
  ])('is left as it is %s', (_, timezone, cron) => {
    expect(first(timezone, ...cron).repeated).toBeUndefined();
  });
});
