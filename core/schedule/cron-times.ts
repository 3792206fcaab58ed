/**
 * The clock times and days that a cron expression names. Each field is the set of numbers that it
 * matches.
 */
export interface CronTimes {
  second: ReadonlySet<number>;
  minute: ReadonlySet<number>;
  hour: ReadonlySet<number>;
  dayOfMonth: ReadonlySet<number>;
  month: ReadonlySet<number>;
  /** Days of the week, where 0 is Sunday. */
  dayOfWeek: ReadonlySet<number>;
  /** The years. Where it is undefined, every year matches. */
  year: ReadonlySet<number> | undefined;
}

interface Field {
  least: number;
  most: number;
  names?: { words: readonly string[]; first: number; shortest: number };
}

const MONTHS = 'january february march april may june july august september october november december'.split(
  ' ',
);
const DAYS = 'sunday monday tuesday wednesday thursday friday saturday'.split(' ');

const SECOND: Field = { least: 0, most: 59 };
const MINUTE: Field = { least: 0, most: 59 };
const HOUR: Field = { least: 0, most: 23 };
const DAY_OF_MONTH: Field = { least: 1, most: 31 };
const MONTH: Field = { least: 1, most: 12, names: { words: MONTHS, first: 1, shortest: 3 } };
/** Sunday is both 0 and 7. */
const DAY_OF_WEEK: Field = { least: 0, most: 7, names: { words: DAYS, first: 0, shortest: 2 } };
const YEAR: Field = { least: 2000, most: 2100 };

const SHORTHANDS: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
};

/**
 * Reads a cron expression as Temporal's server does (`parseCronString` in temporalio/temporal,
 * service/worker/scheduler/calendar.go): five fields, six with a year, seven with seconds first. A
 * time must match all of them. Returns undefined for `@every`, which names no clock times, and for
 * an expression that the server does not take.
 */
export function parseCron(expression: string): CronTimes | undefined {
  const text = expression.split('#')[0]!.trim();
  const fields = (SHORTHANDS[text] ?? text).split(/\s+/);
  if (fields.length < 5 || fields.length > 7) return undefined;
  const [second, rest] = fields.length === 7 ? [fields[0]!, fields.slice(1)] : ['0', fields];
  const [minute, hour, dayOfMonth, month, dayOfWeek, year = '*'] = rest as [
    string,
    string,
    string,
    string,
    string,
  ];
  const times = {
    second: numbersOf(second, SECOND),
    minute: numbersOf(minute, MINUTE),
    hour: numbersOf(hour, HOUR),
    dayOfMonth: numbersOf(dayOfMonth, DAY_OF_MONTH),
    month: numbersOf(month, MONTH),
    dayOfWeek: numbersOf(dayOfWeek, DAY_OF_WEEK),
  };
  const years = year === '*' ? undefined : numbersOf(year, YEAR);
  if (Object.values(times).includes(undefined) || (year !== '*' && !years)) return undefined;
  const days = new Set([...times.dayOfWeek!].map((day) => day % 7));
  return { ...(times as Omit<CronTimes, 'year'>), dayOfWeek: days, year: years };
}

/**
 * Returns whether an expression names a clock time. The UTC fields of `local` hold the fields of
 * the clock.
 */
export function namesTime(times: CronTimes, local: Date): boolean {
  return (
    times.second.has(local.getUTCSeconds()) &&
    times.minute.has(local.getUTCMinutes()) &&
    times.hour.has(local.getUTCHours()) &&
    times.dayOfMonth.has(local.getUTCDate()) &&
    times.month.has(local.getUTCMonth() + 1) &&
    times.dayOfWeek.has(local.getUTCDay()) &&
    (times.year?.has(local.getUTCFullYear()) ?? true)
  );
}

/**
 * Reads lists of values, ranges and steps: `*`, `5`, `1-5`, `1-5/2`, `3/5` (to the end), and
 * several of them with commas between.
 */
function numbersOf(text: string, field: Field): Set<number> | undefined {
  const numbers = new Set<number>();
  for (const part of text.split(',')) {
    const [range = '', step, ...more] = part.split('/');
    const by = step === undefined ? 1 : Number(step);
    const ends =
      range === '*' ? [field.least, field.most] : range.split('-').map((end) => numberOf(end, field));
    const [from, to = step === undefined ? from : field.most] = ends;
    if (more.length > 0 || ends.length > 2 || !/^\d+$/.test(step ?? '1') || by < 1) return undefined;
    if (from === undefined || to === undefined || ends.includes(undefined) || to < from) return undefined;
    for (let value = from; value <= to; value += by) numbers.add(value);
  }
  return numbers;
}

function numberOf(text: string, { least, most, names }: Field): number | undefined {
  const word = text.toLowerCase();
  const place =
    names && word.length >= names.shortest ? names.words.findIndex((name) => name.startsWith(word)) : -1;
  if (names && place >= 0) return place + names.first;
  const value = Number(text);
  return /^\d+$/.test(text) && value >= least && value <= most ? value : undefined;
}
