import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Lineage } from '../../core/schedule/lineage.js';
import { scheduleId } from '../../core/workflow-api.js';
import { sha256 } from '../../engine/hash.js';
import { localModels } from '../../workers/worker-tools.js';
import { useTemporaryFolder } from '../engine/model/temporary-folder.js';
import { writeTinyModel } from '../engine/model/tiny-model.js';
import { letterDocuments } from '../support/letter-documents.js';
import {
  eventually,
  startWorkerWith,
  type TestNamespace,
  type TestWorker,
  testNamespace,
} from '../support/temporal.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { type Line, writeCorpus } from '../support/test-job.js';
import { vectormill, vectormillJson } from './command-line.js';

/** An index whose graph finds too few neighbours to be published. */
const POOR_INDEX = { exact_below: 0, precision: 'binary', m: 2, ef_construction: 4, recall: 1 };
/** A time that `0 2 * * *` names, long past. */
const LAST_NIGHT = new Date('2026-03-01T02:00:00Z');

const models = useTemporaryFolder();
let namespace: TestNamespace;
let worker: TestWorker;
let model: string;
const namespaceBefore = process.env.TEMPORAL_NAMESPACE;

beforeAll(async () => {
  namespace = await testNamespace();
  process.env.TEMPORAL_NAMESPACE = namespace.namespace;
  worker = startWorkerWith(namespace, localModels({ sessions: 1 }));
  model = join(models.path, 'model');
  await writeTinyModel(model);
});

afterAll(async () => {
  if (namespaceBefore === undefined) delete process.env.TEMPORAL_NAMESPACE;
  else process.env.TEMPORAL_NAMESPACE = namespaceBefore;
  await worker?.stop();
  await namespace?.close();
});

/** Creates what a file says, which must be taken. */
async function created(file: string, ...more: readonly string[]): Promise<void> {
  expect(await vectormill('schedule', 'create', file, ...more)).toMatchObject({ code: 0, stderr: '' });
}

interface Nightly {
  file: string;
  folder: string;
  write(more: Record<string, unknown>): void;
  /** A file of the dataset, as JSON. */
  read<T>(path: string): T;
}

/** A schedule file of a name of its own, which is the dataset's, too, over 30 documents. */
function nightly(
  name: string,
  more: Record<string, unknown> = {},
  lines: readonly Line[] = letterDocuments(30),
): Nightly {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'corpus'));
  if (lines.length > 0) writeCorpus(folder, { 'a.jsonl': lines });
  const file = join(folder, 'nightly.yaml');
  const write = (changes: Record<string, unknown>) =>
    writeFileSync(
      file,
      JSON.stringify({
        name,
        cron: '0 2 * * *',
        job: { dataset: name, input: './corpus', output: './out', model },
        ...changes,
      }),
    );
  write(more);
  return {
    file,
    folder,
    write,
    read: (path) => JSON.parse(readFileSync(join(folder, 'out', name, path), 'utf8')),
  };
}

const MINE = { mining: { num_negatives: 2, near_duplicate: 'off' } };
const INDEX = { exact_below: 0, recall: 0.5 };

/** What `status` says once the last night has ended, and is none of those that were there before. */
// biome-ignore lint/suspicious/noExplicitAny: each test knows what it expects
async function ended(name: string, before: readonly string[] = []): Promise<any> {
  // biome-ignore lint/suspicious/noExplicitAny: as above
  let seen: any;
  await eventually(async () => {
    seen = (await vectormillJson('status', name)).json;
    return seen.last && seen.last.state !== 'running' && !before.includes(seen.last.workflowId);
  });
  return seen;
}

async function triggered(name: string) {
  const { json } = await vectormillJson('status', name);
  await vectormillJson('schedule', 'trigger', name);
  return ended(name, json.last ? [json.last.workflowId] : []);
}

async function isPaused(name: string): Promise<boolean> {
  return (await vectormillJson('status', name)).json.paused;
}

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

  test('refuses queries that are not there, a cross-encoder that is not, and a model that is not', async () => {
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

  test('finds the same schedule standing, refuses another under its name by what differs, and replaces it when told to', async () => {
    const { file, write } = nightly('changed');
    await created(file);
    await vectormill('schedule', 'pause', file);
    expect((await vectormillJson('schedule', 'create', file)).json).toMatchObject({ unchanged: true });
    write({ cron: '0 3 * * *', index: INDEX });
    const refused = await vectormillJson('schedule', 'create', file);
    expect(refused.code).toBe(2);
    expect(refused.json.error).toMatchObject({
      code: 'SCHEDULE_CONFLICT',
      message: expect.stringMatching(/: cron, index\.name, index\.metric/),
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
  test('pauses, resumes, lists and deletes, by name and by file, and says so', async () => {
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

describe('a night', () => {
  test('embeds, mines and indexes, and the next one over a changed corpus makes the next version', async () => {
    const { file, folder, read } = nightly('whole', { mine: MINE, index: INDEX });
    await created(file);
    const first = (await triggered('whole')).last;
    expect(first).toMatchObject({ state: 'complete', failure: null, night: { parent: null } });
    const { version } = first.night;
    expect(version).toMatch(/^whole-\d{8}T\d{6}Z$/);
    expect(first.scheduledAt.replace(/[-:]|\.\d+/g, '')).toBe(version.slice('whole-'.length));
    expect(first.night.steps).toMatchObject([
      { step: 'embed', state: 'done', counts: { documents: 30, chunks: 30, rejects: 0 } },
      { step: 'mine', state: 'done', counts: { queries: 30, triplets: 60 } },
      { step: 'index', state: 'done', counts: { rows: 30 } },
    ]);
    const lineage = read<Lineage>(`versions/${version}/lineage.json`);
    expect(lineage).toMatchObject({
      schedule: 'whole',
      version,
      parent: null,
      scheduledAt: Date.parse(first.scheduledAt),
    });
    for (const record of [lineage.manifest, lineage.triplets!, lineage.index!])
      expect(sha256(readFileSync(join(folder, 'out', record.key)))).toBe(record.sha256);
    expect(read('refs/current.json')).toMatchObject({ version, previous: null });

    writeCorpus(folder, { 'b.jsonl': letterDocuments(5, 30) });
    const { last } = await triggered('whole');
    expect(last).toMatchObject({ state: 'complete', night: { parent: version } });
    expect(last.night.version).not.toBe(version);
    expect(last.night.steps[0].counts.documents).toBe(35);
    expect(read(`versions/${last.night.version}/job.json`)).toMatchObject({
      parent: version,
      spec: { ref: 'none' },
    });
    expect(read(`versions/${last.night.version}/lineage.json`)).toMatchObject({ parent: version });
    expect(read('refs/current.json')).toMatchObject({ version: last.night.version, previous: version });

    const { stdout } = await vectormill('status', 'whole');
    expect(stdout).toMatch(new RegExp(`last night: whole@${last.night.version}, complete`));
    expect(stdout).toMatch(/mine +done \(\d+s\): 35 queries, 70 triplets/);
    expect(stdout).toMatch(/index +done \(\d+s\): 35 rows, .* bytes, \d\.\d{4} recall/);
    expect(stdout).toContain(`current → ${last.night.version}`);
    // Each step is a job that the other commands know.
    const job = await vectormillJson('status', `whole@${version}`);
    expect(job.json).toMatchObject({ status: 'COMPLETED', totals: { documents: 30 } });
    await vectormill('schedule', 'delete', 'whole');
  });

  test('whose index fails its gate leaves the ref, pauses the schedule, and goes on under its version once mended', async () => {
    const { file, write, read } = nightly('gated', { index: INDEX });
    await created(file);
    const before = (await triggered('gated')).last;
    write({ index: POOR_INDEX });
    await created(file, '--replace');

    const handle = namespace.client.schedule.getHandle(scheduleId('gated'));
    await handle.backfill({ start: LAST_NIGHT, end: LAST_NIGHT, overlap: 'BUFFER_ONE' });
    const { last } = await ended('gated', [before.workflowId]);
    expect(last).toMatchObject({
      state: 'failed',
      scheduledAt: LAST_NIGHT.toISOString(),
      failure: { step: 'index', code: 'RECALL_TOO_LOW' },
      night: { version: 'gated-20260301T020000Z', parent: before.night.version },
    });
    expect(read('refs/current.json')).toMatchObject({ version: before.night.version });
    const { stdout } = await vectormill('status', 'gated');
    expect(stdout).toMatch(/last night: gated@gated-20260301T020000Z, failed at index/);
    expect(stdout).toMatch(/embed +done \(\d+s\): 30 documents/);
    expect(stdout).toMatch(/paused +paused due to workflow failure/);
    expect(stdout).toContain(`current stays → ${before.night.version}`);
    expect(stdout).toMatch(/RECALL_TOO_LOW: .*\n {2}→ \w.*\n`vectormill schedule resume gated` .*--continue/);

    write({ index: INDEX });
    await created(file, '--replace');
    const { code } = await vectormill('schedule', 'resume', 'gated', '--continue');
    expect(code).toBe(0);
    let mended: typeof last;
    await eventually(async () => {
      mended = (await vectormillJson('status', 'gated')).json.last;
      return mended.state === 'complete' || mended.state === 'superseded';
    });
    expect(mended.night).toMatchObject({ version: 'gated-20260301T020000Z', parent: before.night.version });
    expect(mended.state).toBe('complete');
    expect(read('refs/current.json')).toMatchObject({ version: 'gated-20260301T020000Z' });
    expect(await isPaused('gated')).toBe(false);
    await vectormill('schedule', 'delete', 'gated');
  });

  test('that was triggered, and failed, pauses the schedule, too; the next one makes a version of its own', async () => {
    const { file, write, read } = nightly('again', { index: POOR_INDEX });
    await created(file);
    const { last, paused } = await triggered('again');
    expect(paused).toBe(true);
    expect(last).toMatchObject({ state: 'failed', failure: { step: 'index' } });
    expect(await isPaused('again')).toBe(true);
    expect((await vectormillJson('schedule', 'resume', 'again', '--continue')).json.error).toMatchObject({
      code: 'USAGE',
      message: expect.stringContaining('was triggered by hand'),
    });
    expect(await isPaused('again')).toBe(true);
    write({ index: INDEX });
    await created(file, '--replace');
    await vectormill('schedule', 'resume', 'again');
    const next = (await triggered('again')).last;
    expect(next).toMatchObject({ state: 'complete', night: { parent: null } });
    expect(next.night.version).not.toBe(last.night.version);
    expect(read('refs/current.json')).toMatchObject({ version: next.night.version });
    await vectormill('schedule', 'delete', 'again');
  });

  test('over a bucket that is not filled yet ends without a version; one that was emptied fails the night', async () => {
    const { file, folder, read } = nightly('filling', {}, []);
    const { json } = await vectormillJson('schedule', 'create', file);
    expect(json).toMatchObject({ created: true, notes: [expect.stringContaining('nothing below it')] });
    expect((await triggered('filling')).last).toMatchObject({ state: 'empty', lineage: null, failure: null });
    expect((await vectormill('status', 'filling')).stdout).toMatch(
      /last night: no version, nothing to embed yet/,
    );
    expect(await isPaused('filling')).toBe(false);
    writeCorpus(folder, { 'a.jsonl': letterDocuments(3) });
    const { last } = await triggered('filling');
    expect(last).toMatchObject({ state: 'complete', night: { steps: [{ counts: { documents: 3 } }] } });
    rmSync(join(folder, 'corpus/a.jsonl'));
    expect((await triggered('filling')).last).toMatchObject({
      state: 'failed',
      failure: { step: 'embed', code: 'INPUT_NOT_FOUND' },
    });
    expect(read('refs/current.json')).toMatchObject({ version: last.night.version });
    expect(await isPaused('filling')).toBe(true);
    await vectormill('schedule', 'delete', 'filling');
  });

  test('with too many bad documents stops before it embeds, and says which code and what to do', async () => {
    const { file } = nightly('rejecting', {}, [...letterDocuments(2), 'no JSON', '{"_id": "x"}']);
    await created(file);
    const { last } = await triggered('rejecting');
    expect(last.failure).toMatchObject({
      step: 'embed',
      code: 'REJECTS_EXCEEDED',
      remedy: expect.stringContaining('vectormill rejects'),
    });
    await vectormill('schedule', 'delete', 'rejecting');
  });

  test('of a schedule whose model has changed makes a version of another space, and says so beforehand', async () => {
    const { file, write, read } = nightly('spaces');
    await created(file);
    const before = (await triggered('spaces')).last.night.version;
    const job = {
      dataset: 'spaces',
      input: './corpus',
      output: './out',
      model: { source: model, max_tokens: 8 },
    };
    write({ job });
    const { json } = await vectormillJson('schedule', 'create', file, '--replace');
    expect(json.notes).toEqual([expect.stringContaining('another vector space')]);
    const after = (await triggered('spaces')).last.night.version;
    const [old, ref] = [
      read<{ fingerprint: string }>(`versions/${before}/job.json`),
      read<{ fingerprint: string }>('refs/current.json'),
    ];
    expect(ref).toMatchObject({ version: after, previous: before });
    expect(ref.fingerprint).not.toBe(old.fingerprint);
    await vectormill('schedule', 'delete', 'spaces');
  });
});
