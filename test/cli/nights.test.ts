import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import type { Lineage } from '../../core/schedule/lineage.js';
import { scheduleId } from '../../core/workflow-api.js';
import { sha256 } from '../../engine/files/hash.js';
import { letterDocuments } from '../support/letter-documents.js';
import { eventually } from '../support/temporal.js';
import { writeCorpus } from '../support/test-job.js';
import { vectormill, vectormillJson } from './command-line.js';

import {
  created,
  ended,
  INDEX,
  isPaused,
  LAST_NIGHT,
  MANY,
  MINE,
  model,
  namespace,
  nightly,
  POOR_INDEX,
  triggered,
  withoutWorker,
} from './nights.js';

describe('a night', () => {
  test('embeds, mines and indexes, and the next one over a changed corpus makes the next version, and deletes the one before', async () => {
    const retention = { keep: 0, age: '0s', history: 1, grace: '0s' };
    const job = { dataset: 'whole', input: './corpus', output: './out', model, retention };
    const { file, folder, read } = nightly('whole', { job, mine: MINE, index: INDEX });
    await created(file);
    const first = (await triggered('whole')).last;
    expect(first).toMatchObject({
      state: 'complete',
      failure: null,
      night: { parent: null, collection: { outcome: 'nothing' } },
    });
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
    const collection = { outcome: 'done', report: { deleted: [version], kept: [] } };
    expect(last).toMatchObject({ state: 'complete', night: { parent: version, collection } });
    expect(existsSync(join(folder, 'out/whole/versions', version, 'manifest.json'))).toBe(false);
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
    const changes = '5 documents added, 0 changed, 0 deleted, 30 carried over; 5 chunks computed';
    expect(stdout).toContain(`changes    ${changes}`);
    expect((await vectormill('schedule', 'list')).stdout).toContain(`complete: ${changes}\n`);
    expect(stdout).toMatch(/index +done \(\d+s\): 35 rows, .* bytes, \d\.\d{4} recall/);
    expect(stdout).toContain(`current → ${last.night.version}`);
    expect(stdout).toMatch(new RegExp(`retention +whole: deleted ${version}, \\d+ objects`));
    // The clock of this machine may show any time.
    const clock = Date.now;
    const fast = vi.spyOn(Date, 'now').mockImplementation(() => clock() + 600_000);
    await vectormill('schedule', 'trigger', 'whole', '--recompute');
    fast.mockRestore();
    const again = (await ended('whole', [first.workflowId, last.workflowId])).last;
    expect(again).toMatchObject({ state: 'complete', night: { parent: last.night.version } });
    expect(read(`versions/${again.night.version}/job.json`)).toMatchObject({ recompute: true });
    expect((await triggered('whole')).last).toMatchObject({ state: 'unchanged' });
    // Each step is a job that the other commands can find.
    const { json } = await vectormillJson('status', `whole@${version}`);
    expect(json).toMatchObject({ status: 'COMPLETED', totals: { documents: 30 } });
    await vectormill('schedule', 'delete', 'whole');
  });

  test('whose index fails its gate leaves the ref, pauses the schedule, and continues under its version once it is repaired', async () => {
    const { file, write, read } = nightly('gated', { index: INDEX }, MANY);
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
    expect(stdout).toMatch(/embed +done \(\d+s\): 600 documents/);
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

  test('that was triggered and failed also pauses the schedule, and the next one makes a version of its own', async () => {
    const { file, write, read } = nightly('again', { index: POOR_INDEX }, MANY);
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

  test('that is triggered and waited for reports how it ended, also by its exit code; if one already runs, the next one is waited for', async () => {
    const { file, write, read } = nightly('awaited', { mine: MINE, index: INDEX }, MANY);
    await created(file);
    await vectormill('schedule', 'trigger', 'awaited');
    const { code, json } = await vectormillJson('schedule', 'trigger', 'awaited', '--wait');
    expect({ code, json }).toMatchObject({
      code: 0,
      json: { schedule: 'awaited', requested: 'trigger', night: { state: 'unchanged', failure: null } },
    });
    // The first night has made what the second one finds.
    expect(read('refs/current.json')).toMatchObject({ version: json.night.night.parent, previous: null });
    expect((await vectormillJson('status', 'awaited')).json.last.workflowId).toBe(json.night.workflowId);

    write({ index: POOR_INDEX });
    await created(file, '--replace');
    const failed = await vectormill('schedule', 'trigger', 'awaited', '--wait');
    expect(failed.code).toBe(1);
    expect(failed.stdout).toMatch(
      /^the night: awaited@awaited-\S+, failed at index\n[\s\S]*RECALL_TOO_LOW: /,
    );
    // How long the log is depends on the machine, but each line says where the night is.
    for (const line of failed.stderr.trim().split('\n'))
      expect(line).toMatch(/^(waiting for the night to begin|awaited@awaited-\S+ · )/);
    await vectormill('schedule', 'delete', 'awaited');
  });

  test('that is cancelled leaves the ref and the schedule unchanged, and only a running one can be cancelled', async () => {
    const { file } = nightly('ended');
    await created(file);
    const handle = namespace.client.schedule.getHandle(scheduleId('ended'));
    await withoutWorker(async () => {
      const waiting = vectormill('schedule', 'trigger', 'ended', '--wait');
      await eventually(async () => (await handle.describe()).info.runningActions.length === 1);
      process.emit('SIGINT', 'SIGINT');
      expect(await waiting).toMatchObject({
        code: 0,
        stdout: '',
        stderr: expect.stringMatching(
          /Detached; the night of ended goes on\. `vectormill status ended` shows it/,
        ),
      });
      expect(await vectormill('schedule', 'cancel', 'ended')).toMatchObject({
        code: 0,
        stdout: expect.stringContaining('ended ends its night'),
      });
    });
    const { last, paused } = await ended('ended');
    expect(last).toMatchObject({ state: 'cancelled', lineage: null });
    expect(paused).toBe(false);
    expect((await vectormillJson('schedule', 'cancel', 'ended')).json.error).toMatchObject({
      code: 'JOB_NOT_FOUND',
      message: 'no night of ended runs',
    });
    expect((await triggered('ended')).last).toMatchObject({ state: 'complete', night: { parent: null } });
    await vectormill('schedule', 'delete', 'ended');
  });

  test('over a bucket that is not filled yet ends without a version; over one that was emptied it fails', async () => {
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

  test('with too many bad documents stops before it embeds, and reports the code and what to do', async () => {
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

  test('of a schedule whose model has changed makes a version of another space, and says so in advance', async () => {
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
