import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SMALL_JOB } from '../../cli/docs/job-example.js';
import { SMALL_MINING_JOB } from '../../cli/docs/mining-example.js';
import { SMALL_SCHEDULE } from '../../cli/docs/schedule-example.js';
import { BUCKET } from '../../infra/dev-stack/ephemeral-stack.js';
import { findBinary } from '../../infra/dev-stack/find-binary.js';
import { VERSITYGW } from '../../infra/dev-stack/pinned-tools.js';
import { ensureBucket, s3Environment, startVersitygw } from '../../infra/dev-stack/start-versitygw.js';
import { CLI } from '../../infra/project.js';
import { testNamespace } from '../support/temporal.js';
import { startWorker, type WorkerProcess } from '../support/worker-process.js';
import { PROJECT, pageOf, yamlFilesOf } from './page.js';
import { shellCommands } from './shell-commands.js';

const run = promisify(execFile);

/**
 * What a newcomer copies out of the pages into a fresh clone, after `make up`: a folder with what a clone has beside its code,
 * a store with the dev stack's bucket, a Temporal namespace and one worker.
 */
describe('copied from the pages', { timeout: 300_000 }, () => {
  const clone = mkdtempSync(join(tmpdir(), 'vectormill-clone-'));
  const stops: (() => Promise<void>)[] = [];
  let environment: NodeJS.ProcessEnv;

  beforeAll(async () => {
    cpSync(join(PROJECT, 'docs'), join(clone, 'docs'), { recursive: true });
    // Not the run's own store, which may be somebody's: the pages name a place in it.
    const unconfigured = { ...process.env, AWS_ENDPOINT_URL_S3: '' };
    const found = await findBinary(VERSITYGW, { install: false, log: () => {}, environment: unconfigured });
    if (found.kind === 'address') throw new Error('no binary');
    const [dataDir, logFile] = [join(clone, '.vectormill', 's3'), join(clone, 's3.log')];
    const server = await startVersitygw({ path: found.path, dataDir, logFile, outlive: false });
    stops.push(server.stop);
    await ensureBucket(server, BUCKET);
    const { namespace, close } = await testNamespace();
    await close();
    environment = { TEMPORAL_NAMESPACE: namespace, ...s3Environment(server) };
    const worker: WorkerProcess = startWorker(environment);
    stops.unshift(worker.stop);
  });
  afterAll(async () => {
    for (const stop of stops) await stop();
    rmSync(clone, { recursive: true, force: true });
  });

  /** Runs a command with the built program, which must end well; returns what it printed. The stack is up already. */
  async function enter(words: readonly string[]): Promise<string> {
    const [program, ...rest] = words[0] === 'npx' ? words.slice(1) : words;
    if (program === 'make') {
      const makefile = readFileSync(join(PROJECT, 'Makefile'), 'utf8');
      for (const target of rest) expect(makefile).toContain(`\n${target}:`);
      return '';
    }
    expect(program, words.join(' ')).toBe('vectormill');
    const env = { ...process.env, ...environment };
    const { stdout } = await run(process.execPath, [CLI, ...rest], { cwd: clone, env });
    return stdout;
  }

  test('the job file of the README and all commands below it', async () => {
    const page = pageOf('README.md', readFileSync(join(PROJECT, 'README.md'), 'utf8'));
    for (const { name, text } of yamlFilesOf(page)) writeFileSync(join(clone, name!), text);
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
    for (const [name, text] of Object.entries(files)) writeFileSync(join(clone, name), text);
    expect(await enter(['vectormill', 'run', 'small.yaml'])).toMatch(/^handbook@v1 is complete/m);
    expect(await enter(['vectormill', 'mine', 'small-mine.yaml'])).toMatch(/^handbook@v1 triplets/m);
    expect(await enter(['vectormill', 'schedule', 'create', 'small-nights.yaml'])).toMatch(
      /^nightly is created/m,
    );
  });
});
