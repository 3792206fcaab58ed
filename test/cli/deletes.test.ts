import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { scheduleId } from '../../core/workflow-api.js';
import { letterDocuments } from '../support/letter-documents.js';
import { eventually } from '../support/temporal.js';
import { writeCorpus } from '../support/test-job.js';
import { vectormill, vectormillJson } from './command-line.js';
import { created, ended, LAST_NIGHT, model, namespace, nightly } from './nights.js';

/** Returns a schedule over 30 documents in two folders, one of which can be emptied and filled. */
function twoFolders(name: string) {
  const night = nightly(name, {}, letterDocuments(15));
  const fill = () => writeCorpus(night.folder, { 'more/b.jsonl': letterDocuments(15, 15) });
  fill();
  const job = join(night.folder, 'job.json');
  writeFileSync(
    job,
    JSON.stringify({ dataset: name, version: 'v1', input: './corpus', output: './out', model }),
  );
  return {
    ...night,
    job,
    fill,
    empty: () => rmSync(join(night.folder, 'corpus/more/b.jsonl')),
    hasChunks: (version: string) =>
      existsSync(join(night.folder, 'out', name, 'versions', version, 'chunks')),
    current: () => night.read<{ version: string }>('refs/current.json').version,
  };
}

const exceeded = (folder: string) => ({
  code: 'DELETES_EXCEEDED',
  message: expect.stringMatching(
    `would delete 15 of the 30 documents of its parent \\(50.0%\\): 15 documents below file://${folder}/corpus/more/`,
  ),
  remedy: expect.stringContaining('`--allow-deletes 15`'),
});

describe('a version that would delete much of its parent', () => {
  test('stops before anything moves, and goes on up to the number that is allowed', async () => {
    const { job, folder, empty, hasChunks, current } = twoFolders('emptied');
    expect(await vectormill('run', job)).toMatchObject({ code: 0 });
    empty();
    const next = ['run', job, '--version', 'v2'];
    for (const more of [[], ['--allow-deletes', '14']]) {
      const { code, json } = await vectormillJson(...next, ...more);
      expect({ code, error: json.error }).toMatchObject({ code: 1, error: exceeded(folder) });
      expect({ current: current(), hasChunks: hasChunks('v2') }).toEqual({
        current: 'v1',
        hasChunks: false,
      });
    }
    // Its vectors might have been taken over, which cannot be undone.
    expect(await vectormillJson(...next, '--recompute')).toMatchObject({
      code: 2,
      json: { error: { code: 'USAGE' } },
    });
    const { code, json } = await vectormillJson(...next, '--allow-deletes', '15');
    expect({ code, json }).toMatchObject({
      code: 0,
      json: { totals: { documents: 15 }, changes: { added: 0, changed: 0, deleted: 15, carried: 15 } },
    });
    expect(current()).toBe('v2');
  });

  test('is a night that goes on by itself once the input is whole again', async () => {
    const { file, folder, empty, fill, hasChunks, current } = twoFolders('whole-again');
    await vectormill('night', file);
    const before = current();
    empty();
    const { code, json } = await vectormillJson('night', file);
    expect({ code, failure: json.night.failure }).toMatchObject({
      code: 1,
      failure: { step: 'embed', ...exceeded(folder) },
    });
    const { version } = json.night.night;
    const { stdout } = await vectormill('night', file, '--allow-deletes', '14');
    expect(stdout).toMatch(/`\S*vectormill night \S+ --local --at \S+Z` goes on with this night/);
    expect({ current: current(), hasChunks: hasChunks(version) }).toEqual({
      current: before,
      hasChunks: false,
    });
    fill();
    expect(await vectormillJson('night', file)).toMatchObject({ code: 0, json: { continued: true } });
    expect(current()).toBe(version);
    empty();
    expect(await vectormill('night', file, '--allow-deletes', '15')).toMatchObject({ code: 0 });
    expect(current()).not.toBe(version);
  });

  test('is a night of a schedule, which goes on when it is resumed with the number that is allowed', async () => {
    const { file, empty, current } = twoFolders('scheduled');
    await vectormill('night', file, '--at', '2026-02-28T02:00:00Z');
    const before = current();
    empty();
    await created(file);
    const schedule = namespace.client.schedule.getHandle(scheduleId('scheduled'));
    await schedule.backfill({ start: LAST_NIGHT, end: LAST_NIGHT, overlap: 'BUFFER_ONE' });
    expect((await ended('scheduled')).last).toMatchObject({
      state: 'failed',
      failure: { code: 'DELETES_EXCEEDED', remedy: expect.stringContaining('`schedule resume --continue`') },
    });
    const resume = ['schedule', 'resume', 'scheduled'];
    expect(await vectormillJson(...resume, '--allow-deletes', '15')).toMatchObject({
      code: 2,
      json: { error: { code: 'USAGE' } },
    });
    expect(current()).toBe(before);
    expect(await vectormill(...resume, '--continue', '--allow-deletes', '15')).toMatchObject({ code: 0 });
    await eventually(async () => current() === 'scheduled-20260301T020000Z');
    // Another night is not allowed to delete anything by that.
    const { action } = await schedule.describe();
    const at = LAST_NIGHT.getTime();
    expect(action.args).toMatchObject([{ wishes: [{ from: at, to: at, allowDeletes: 15 }] }]);
    await vectormill('schedule', 'delete', 'scheduled');
  });

  test('is a night that was triggered, after which another is triggered with the number that is allowed', async () => {
    const { file, folder, empty, read, current } = twoFolders('triggered');
    await vectormill('night', file);
    // Nights are named after their second: one that is triggered within it would have this version.
    await setTimeout(1000);
    const before = current();
    empty();
    await created(file);
    const trigger = ['schedule', 'trigger', 'triggered', '--wait'];
    for (const more of [[], ['--allow-deletes', '14']]) {
      const { code, json } = await vectormillJson(...trigger, ...more);
      expect({ code, failure: json.night.failure, current: current() }).toMatchObject({
        code: 1,
        failure: exceeded(folder),
        current: before,
      });
    }
    const { json } = await vectormillJson(...trigger, '--allow-deletes', '15');
    const { version } = json.night.night;
    expect(current()).toBe(version);
    expect(read(`versions/${version}/job.json`)).toMatchObject({ spec: { limits: { allowDeletes: 15 } } });
    await vectormill('schedule', 'delete', 'triggered');
  });
});
