import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { FULL_JOB, PROVIDER_JOB, SMALL_JOB } from '../../cli/docs/job-example.js';
import { jobKeys } from '../../cli/docs/job-reference.js';
import { code, table } from '../../cli/docs/markdown.js';
import { generatedPages } from '../../cli/docs/pages.js';
import { FULL_SCHEDULE, SMALL_SCHEDULE } from '../../cli/docs/schedule-example.js';
import { scheduleKeys } from '../../cli/docs/schedule-reference.js';
import { parseJob } from '../../engine/job/parse-job.js';
import { parseSchedule } from '../../engine/schedule/parse-schedule.js';

const pages = await generatedPages();

describe('the generated pages', () => {
  test.each([...pages])('%s is up to date with the generator', async (path, text) => {
    expect(await readFile(new URL(`../../${path}`, import.meta.url), 'utf8')).toBe(text);
  });

  test.each([...jobKeys(), ...scheduleKeys()])('the key $key says what it means', ({ meaning }) => {
    expect(meaning).toMatch(/\w/);
  });

  test('a cell with a bar stays one cell', () => {
    expect(table(['a'], [['x|y']])).toContain('| x\\|y |');
  });

  test('code with backticks stays code', () => {
    expect(code('a `b`')).toBe('`` a `b` ``');
  });
});

describe('the example jobs', () => {
  test('include a small one, which is valid', () => {
    expect(parseJob(SMALL_JOB, 'job.yaml').model.source).toBe('all-MiniLM-L6-v2');
  });

  test('include full ones, which are valid and together have every key', () => {
    const examples = [FULL_JOB, PROVIDER_JOB];
    for (const example of examples) expect(parseJob(example, 'job.yaml').dataset).toBe('handbook');
    const keys = new Set(examples.flatMap((example) => keysOf(parse(example), '')));
    expect([...keys].sort()).toEqual(
      jobKeys()
        .map(({ key }) => key)
        .sort(),
    );
  });
});

describe('the example schedules', () => {
  const parsed = (text: string) =>
    parseSchedule(text, 'nightly.yaml', () => Promise.reject(new Error('no file')));

  test('are valid, and the full one has every key of a schedule', async () => {
    expect((await parsed(SMALL_SCHEDULE)).timing).toEqual({
      cron: ['0 2 * * *'],
      timezone: 'UTC',
      catchupWindowMs: 6 * 3_600_000,
      jitterMs: 0,
    });
    expect((await parsed(FULL_SCHEDULE)).index?.request).toMatchObject({
      memoryBytes: 4e9,
      expansionAdd: 100,
    });
    const keys = keysOf(parse(FULL_SCHEDULE), '').filter((key) => !/^(job|mine)\./.test(key));
    expect(keys.sort()).toEqual(
      scheduleKeys()
        .map(({ key }) => key)
        .sort(),
    );
  });
});

function keysOf(value: unknown, prefix: string): string[] {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return [];
  return Object.entries(value).flatMap(([name, inner]) => [
    `${prefix}${name}`,
    ...keysOf(inner, `${prefix}${name}.`),
  ]);
}
