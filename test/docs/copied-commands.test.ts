import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SMALL_JOB } from '../../cli/docs/job-example.js';
import { SMALL_MINING_JOB } from '../../cli/docs/mining-example.js';
import { SMALL_SCHEDULE } from '../../cli/docs/schedule-example.js';
import { PROJECT } from '../../infra/project.js';
import { startWorkerProcess, type WorkerProcess } from '../support/worker-process.js';
import { type FreshClone, openFreshClone } from './fresh-clone.js';
import { pageOf, yamlFilesOf } from './page.js';
import { shellCommands } from './shell-commands.js';

/**
 * Commands that a newcomer copies from README and the reference pages into a fresh clone, after
 * `make up`.
 */
describe('copied from the pages', { timeout: 300_000 }, () => {
  let clone: FreshClone;
  let worker: WorkerProcess;

  beforeAll(async () => {
    clone = await openFreshClone(['docs']);
    worker = startWorkerProcess(clone.environment);
  });
  afterAll(async () => {
    await worker?.stop();
    await clone?.close();
  });

  /** Runs a command that must succeed, and returns what it printed. */
  async function enter(words: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await clone.enter(words);
    expect(code, `${words.join(' ')}\n${stderr}`).toBe(0);
    return stdout;
  }

  test('the job file of the README and all commands below it', async () => {
    const page = pageOf('README.md', readFileSync(join(PROJECT, 'README.md'), 'utf8'));
    for (const { name, text } of yamlFilesOf(page)) writeFileSync(join(clone.folder, name!), text);
    const printed: Record<string, string> = {};
    for (const { language, text } of page.blocks) {
      if (language !== 'sh') continue;
      for (const words of shellCommands(text))
        printed[words.find((word) => !/^(npx|vectormill|make)$/.test(word))!] = await enter(words);
    }
    expect(Object.keys(printed)).toEqual(['up', 'model', 'run', 'status', 'verify', 'search', 'down']);
    expect(printed.run).toMatch(/^handbook@2026-11 is complete/m);
    expect(printed.search).toMatch(/^1\. [\d.]+ {2}\S+\.md/m);
  });

  test('the smallest job, mining job and schedule of their pages', async () => {
    const files = {
      'small.yaml': SMALL_JOB,
      'small-mine.yaml': SMALL_MINING_JOB,
      'small-nights.yaml': SMALL_SCHEDULE,
    };
    for (const [name, text] of Object.entries(files)) writeFileSync(join(clone.folder, name), text);
    expect(await enter(['vectormill', 'run', 'small.yaml'])).toMatch(/^handbook@v1 is complete/m);
    expect(await enter(['vectormill', 'mine', 'small-mine.yaml'])).toMatch(/^handbook@v1 triplets/m);
    expect(await enter(['vectormill', 'schedule', 'create', 'small-nights.yaml'])).toMatch(
      /^nightly is created/m,
    );
  });
});
