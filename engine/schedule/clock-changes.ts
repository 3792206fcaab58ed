/** The time between two examined instants, in ms. */
const WEEK_MS = 7 * 86_400_000;
const SECOND_MS = 1000;

/** A moment at which a zone's clocks are put forward or back. */
export interface ClockChange {
  /** The first instant under the new offset, in ms since the epoch. */
  at: number;
  /** The offsets from UTC, in ms. */
  before: number;
  after: number;
}

/**
 * Returns the changes of a zone's clocks from one instant (inclusive) to another (exclusive), both
 * in ms since the epoch, by the time zone data of this Node. Two changes within a week that undo
 * each other are not seen; no zone has them.
 */
export function clockChanges(timezone: string, from: number, to: number): ClockChange[] {
  const offsetAt = offsetsOf(timezone);
  const changes: ClockChange[] = [];
  let offset = offsetAt(from - SECOND_MS);
  for (let week = from; week < to; week += WEEK_MS) {
    const end = Math.min(week + WEEK_MS, to) - SECOND_MS;
    const next = offsetAt(end);
    if (next === offset) continue;
    changes.push({
      at: firstAfter(week - SECOND_MS, end, (at) => offsetAt(at) !== offset),
      before: offset,
      after: next,
    });
    offset = next;
  }
  return changes;
}

/**
 * Returns the first whole second in `(low, high]` for which `is` holds. It must hold for `high` and
 * not for `low`.
 */
function firstAfter(low: number, high: number, is: (at: number) => boolean): number {
  let [no, yes] = [Math.floor(low / SECOND_MS), Math.floor(high / SECOND_MS)];
  while (yes - no > 1) {
    const middle = Math.floor((no + yes) / 2);
    if (is(middle * SECOND_MS)) yes = middle;
    else no = middle;
  }
  return yes * SECOND_MS;
}

/** Returns by how many ms a zone's clocks are ahead of UTC at an instant. */
function offsetsOf(timezone: string): (at: number) => number {
  const format = new Intl.DateTimeFormat('en-u-ca-iso8601-nu-latn', {
    timeZone: timezone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  return (at) => {
    const parts = Object.fromEntries(
      format.formatToParts(at).map(({ type, value }) => [type, Number(value)]),
    );
    const { year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0 } = parts;
    return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(at / SECOND_MS) * SECOND_MS;
  };
}
