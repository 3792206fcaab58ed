import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { scheduleId } from '../../core/workflow-api.js';
import { eventually } from '../support/temporal.js';
import { vectormill, vectormillJson } from './command-line.js';

import { created, INDEX, isPaused, MINE, model, namespace, nightly } from './nights.js';

describe('vectormill schedule create', () => {
  test.each([
    ['an unknown key', { ref: 'current' }, 'unknown key `ref`'],
    [
      'a version of its own',
      { job: { dataset: 'd', version: 'v1', input: '.', output: 'o', model: 'm' } },
      '`job.version`',
    ],
    ['no time at all', { cron: [] }, '`cron`'],
    ['words for a time', { cron: 'every night' }, '`cron`'],
    ['a time zone in the expression', { cron: 'CRON_TZ=UTC 0 2 * * *' }, '`cron`'],
    ['an unknown time zone', { timezone: 'Mars/Olympus' }, '`timezone`'],
    ['a window without a unit', { catchup_window: '6' }, '`catchup_window`'],
    ['a window of no length', { catchup_window: '0h' }, 'at least 10s'],
    ['a name too long for its versions', { name: 'n'.repeat(47) }, '`name`'],
    ['a mining job that names a version', { mine: { version: 'v1' } }, '`mine.version`'],
    [
      'two sources of queries',
      { mine: { pairs: 'a.csv', beir: { queries: 'q', qrels: 'r' } } },
      'give one of them',
    ],
    ['an index that finds more than all', { index: { recall: 1.5 } }, '`index.recall`'],
    ['an hour that no day has', { cron: '0 99 * * *' }, 'Hour is not in range'],
  ])('refuses %s, and nothing is created', async (_, more, said) => {
    const { file } = nightly('refused', more);
    const { code, json } = await vectormillJson('schedule', 'create', file);
    expect(json.error).toMatchObject({ code: 'JOB_INVALID', message: expect.stringContaining(said) });
    expect(code).toBe(2);
    expect((await vectormillJson('status', 'refused')).json.error.code).toBe('JOB_NOT_FOUND');
  });

  test('refuses queries, a cross-encoder and a model that do not exist', async () => {
    const absent = { dataset: 'refused', input: './corpus', output: './out', model: './nothing' };
    for (const [more, expected] of [
      [{ mine: { pairs: './nothing.csv' } }, 'INPUT_NOT_FOUND'],
      [{ mine: { cross_encoder: { model: './nothing', max_cross_score: 1 } } }, 'MODEL_NOT_FOUND'],
      [{ job: absent }, 'MODEL_NOT_FOUND'],
    ] as const) {
      const { code, json } = await vectormillJson('schedule', 'create', nightly('refused', more).file);
      expect(json.error).toMatchObject({ code: expected });
      expect(code).toBe(2);
    }
    expect((await vectormillJson('status', 'refused')).json.error.code).toBe('JOB_NOT_FOUND');
  });

  test('gives Temporal the times, one night at a time, a window to make up for missed ones, and a pause after a failure', async () => {
    const { file } = nightly('policies', {
      cron: ['0 2 * * MON-FRI', '0 4 * * SAT'],
      timezone: 'Europe/Berlin',
      catchup_window: '3h',
      jitter: '5m',
      mine: MINE,
      index: INDEX,
    });
    const { code, json } = await vectormillJson('schedule', 'create', file);
    expect({ code, json }).toMatchObject({
      code: 0,
      json: { schedule: 'policies', created: true, notes: [] },
    });
    expect(Date.parse(json.next)).toBeGreaterThan(Date.now());
    const { policies, spec, action } = await namespace.client.schedule
      .getHandle(scheduleId('policies'))
      .describe();
    expect(policies).toEqual({ overlap: 'BUFFER_ONE', catchupWindow: 3 * 3_600_000, pauseOnFailure: true });
    expect(spec).toMatchObject({ timezone: 'Europe/Berlin', jitter: 300_000 });
    expect(spec.calendars?.map(({ hour }) => hour[0]?.start)).toEqual([2, 4]);
    expect(action).toMatchObject({ workflowType: 'nightlyJob', taskQueue: 'control' });
    await vectormill('schedule', 'delete', 'policies');
  });

  test('finds the same schedule, refuses a different one under its name with the differences, and replaces it when asked to', async () => {
    const { file, folder, write } = nightly('changed');
    await created(file);
    await vectormill('schedule', 'pause', file);
    expect((await vectormillJson('schedule', 'create', file)).json).toMatchObject({ unchanged: true });
    write({ job: { dataset: 'changed', input: './corpus', output: './elsewhere', model } });
    expect((await vectormillJson('schedule', 'create', file)).json.error).toMatchObject({
      code: 'SCHEDULE_CONFLICT',
      message: expect.stringMatching(/: job\.output$/),
    });
    expect(existsSync(join(folder, 'elsewhere'))).toBe(false);
    write({ cron: '0 3 * * *', index: INDEX });
    const refused = await vectormillJson('schedule', 'create', file);
    expect(refused.code).toBe(2);
    expect(refused.json.error).toMatchObject({
      code: 'SCHEDULE_CONFLICT',
      message: expect.stringMatching(/: cron, index\.name, .*index\.metric/),
    });
    expect((await vectormillJson('status', 'changed')).json.timing.cron).toEqual(['0 2 * * *']);
    const replaced = await vectormillJson('schedule', 'create', file, '--replace');
    expect(replaced.json).toMatchObject({ replaced: true, paused: true });
    expect((await vectormillJson('status', 'changed')).json).toMatchObject({
      timing: { cron: ['0 3 * * *'] },
      paused: true,
    });
    await vectormill('schedule', 'delete', 'changed');
  });

  test('reads the job from a file of its own, with paths from that file', async () => {
    const { file, folder, write } = nightly('apart');
    mkdirSync(join(folder, 'jobs'));
    const job = { dataset: 'apart', input: '../corpus', output: '../out', model };
    writeFileSync(join(folder, 'jobs/job.yaml'), JSON.stringify(job));
    write({ job: 'jobs/job.yaml' });
    await created(file);
    expect((await vectormillJson('status', 'apart')).json.output).toBe(`file://${folder}/out`);
    writeFileSync(join(folder, 'jobs/job.yaml'), JSON.stringify({ ...job, version: 'v1' }));
    const { json } = await vectormillJson('schedule', 'create', file);
    expect(json.error).toMatchObject({ code: 'JOB_INVALID', message: expect.stringContaining('`version`') });
    await vectormill('schedule', 'delete', 'apart');
  });
});

describe('vectormill schedule', () => {
  test('pauses, resumes, lists and deletes, by name and by file, and reports it', async () => {
    const { file } = nightly('steered');
    await created(file);
    expect((await vectormill('status', 'steered')).stdout).toMatch(/No night yet/);
    expect(await vectormillJson('schedule', 'pause', file)).toEqual({
      code: 0,
      json: { schedule: 'steered', requested: 'pause' },
    });
    expect((await vectormill('status', 'steered')).stdout).toMatch(
      /paused +paused with `vectormill schedule pause`/,
    );
    await eventually(async () => {
      const { json } = await vectormillJson('schedule', 'list');
      return json.some(
        ({ schedule, paused }: { schedule: string; paused: boolean }) => schedule === 'steered' && paused,
      );
    });
    expect((await vectormill('schedule', 'list')).stdout).toMatch(
      /^steered {2}steered {2}paused {2}no night yet$/m,
    );
    await vectormill('schedule', 'resume', 'steered');
    expect(await isPaused('steered')).toBe(false);
    expect((await vectormillJson('schedule', 'resume', 'steered', '--continue')).json.error).toMatchObject({
      code: 'USAGE',
      message: 'steered has had no night yet',
    });
    await vectormill('schedule', 'delete', file);
    for (const verb of ['pause', 'resume', 'trigger', 'delete'])
      expect(await vectormillJson('schedule', verb, 'steered')).toMatchObject({
        code: 2,
        json: { error: { code: 'SCHEDULE_NOT_FOUND' } },
      });
  });
});
