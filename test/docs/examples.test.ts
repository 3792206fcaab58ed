import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pullModel } from '../../engine/model/fetch/pull.js';
import { CLI, PROJECT } from '../../infra/project.js';
import { writeTinyModel } from '../engine/model/tiny-model.js';
import { EVERY_COMMAND } from '../support/built-cli.js';
import { filesOfFolder, type HubServer, startHubServer } from '../support/hub-server.js';
import { eventually } from '../support/temporal.js';
import { EXAMPLES } from './example-commands.js';
import { PREPARING_JOBS, shortenVocabulary, writeExampleFiles } from './example-files.js';
import { type FreshClone, openFreshClone } from './fresh-clone.js';
import { commandsOf, pageOf, pagesIn, yamlFilesOf } from './page.js';
import { shellCommands } from './shell-commands.js';

/**
 * Every command line that README and the pages of `docs` show. `EXAMPLES` has to hold each of them.
 * The recipes have a test of their own.
 */
const SHOWN = new Set(
  [...pagesIn('docs'), ...pagesIn('.')]
    .flatMap(commandsOf)
    .map((words) => (words[0] === 'npx' ? words.slice(1) : words))
    .filter(([program]) => program === 'vectormill')
    .map((words) => words.slice(1).join(' ')),
);

/** The line that a worker logs when it serves its queues. */
const WORKER_READY = /worker\.(started|ready)/;

const linesOf = (block: string) => shellCommands(block.trim());

describe('the examples of README and of the reference pages', { timeout: 600_000 }, () => {
  let clone: FreshClone;
  let hub: HubServer;
  const workers: ChildProcess[] = [];

  beforeAll(async () => {
    clone = await openFreshClone(['docs/decisions/0001-temporal-packages.md', 'docs/decisions/README.md']);
    const { folder } = await pullModel('all-MiniLM-L6-v2', { log: () => {} });
    writeExampleFiles(clone.folder, folder);
    const readme = pageOf('README.md', readFileSync(join(PROJECT, 'README.md'), 'utf8'));
    for (const { name, text } of yamlFilesOf(readme)) writeFileSync(join(clone.folder, name!), text);
    const quantised = 'my-model/onnx/model_quantized.onnx';
    await clone.enter(['vectormill', 'model', 'convert', './my-model', '--output', quantised]);
    hub = await startHubServer();
    await writeTinyModel(join(clone.folder, 'tiny'));
    const files = filesOfFolder(join(clone.folder, 'tiny')).set('onnx/model.onnx', Buffer.from('a graph'));
    hub.add('BAAI/bge-small-en-v1.5', { files });
    Object.assign(clone.environment, { HF_ENDPOINT: hub.url, HF_HOME: join(clone.folder, 'hf') });
    await clone.makeBucket('bucket');
    cpSync(join(clone.folder, 'texts.jsonl.gz'), join(clone.buckets, 'bucket', 'texts.jsonl.gz'));
  });
  afterAll(async () => {
    for (const worker of workers) await stop(worker);
    await hub?.close();
    await clone?.close();
  });

  /** Starts the command and leaves it running, once it has printed `ready` on stderr. */
  async function start(line: string, ready: RegExp): Promise<ChildProcess> {
    const child = spawn(process.execPath, [CLI, ...linesOf(line)[0]!], {
      cwd: clone.folder,
      env: { ...process.env, ...clone.environment },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    workers.push(child);
    for await (const text of createInterface({ input: child.stderr! })) if (ready.test(text)) break;
    child.stderr!.resume();
    return child;
  }

  async function stop(child: ChildProcess): Promise<number | null> {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGTERM');
      await once(child, 'exit');
    }
    return child.exitCode;
  }

  /** Runs every line of a block in `folder`. Each must end with `code`. */
  async function enterAll(block: string, code = 0, folder = clone.folder): Promise<void> {
    const lines = linesOf(block);
    const child = spawn(process.execPath, [EVERY_COMMAND, JSON.stringify(lines)], {
      cwd: folder,
      env: { ...process.env, ...clone.environment },
    });
    let stderr = '';
    child.stderr.on('data', (data) => {
      stderr += data;
    });
    child.stdout.resume();
    child.stdin.end('\n');
    await once(child, 'close');
    const codes = JSON.parse(/^codes (.*)$/m.exec(stderr)?.[1] ?? '[]') as number[];
    const outcomes = lines.map((words, index) => `${codes[index]} ${words.join(' ')}`);
    expect(outcomes, stderr).toEqual(lines.map((words) => `${code} ${words.join(' ')}`));
  }

  /** Enters a line again and again until it ends with `code`. */
  async function untilCode(line: string, code: number): Promise<void> {
    const words = ['vectormill', ...linesOf(line)[0]!];
    await eventually(async () => (await clone.enter(words)).code === code);
  }

  test('are all run by this test', () => {
    const run = new Set(
      Object.values(EXAMPLES)
        .flatMap(linesOf)
        .map((words) => words.join(' ')),
    );
    expect([...SHOWN].filter((line) => !run.has(line))).toEqual([]);
  });

  test('of jobs that wait for workers', async () => {
    const control = await start('worker --queues control', WORKER_READY);
    // What was cancelled ends a little later. Until then, its command is refused.
    await enterAll(EXAMPLES.withoutWorkers);
    await untilCode('status handbook@2026-11', 1);
    await enterAll(EXAMPLES.cancelledAgain);
    await untilCode('status handbook@2026-11', 1);
    await stop(control);
  });

  test('of jobs that are finished, and of mining that is cancelled', async () => {
    const worker = await start('worker', WORKER_READY);
    await enterAll(EXAMPLES.jobs);
    await stop(worker);
    const control = await start('worker --queues control', WORKER_READY);
    const mining = clone.enter(['vectormill', 'mine', 'mine.yaml', '--temporal']);
    await untilCode(EXAMPLES.miningCancelled, 0);
    expect(await mining).toMatchObject({ code: 1, stderr: expect.stringContaining('CANCELLED') });
    await stop(control);
  });

  test('of workers', async () => {
    for (const words of linesOf(EXAMPLES.workers))
      expect(await stop(await start(words.join(' '), WORKER_READY))).toBe(0);
    const [refused, found] = linesOf(EXAMPLES.onAGpu).map((words) => ['vectormill', ...words]);
    expect((await clone.enter(refused!)).code).toBe(2);
    expect((await clone.enter(found!)).code).toBe(1);
  });

  test('of datasets', async () => {
    const worker = await start('worker', WORKER_READY);
    await enterAll(
      Object.keys(PREPARING_JOBS)
        .map((file) => `run ${file}`)
        .join('\n'),
    );
    const written = join(clone.buckets, 'vectormill', 'vectors', 'handbook');
    cpSync(written, join(clone.folder, 'out', 'handbook'), { recursive: true });
    cpSync(written, join(clone.buckets, 'bucket', 'prefix', 'handbook'), { recursive: true });
    await enterAll(EXAMPLES.datasets);
    await stop(worker);
  });

  test('of models', async () => {
    await enterAll(EXAMPLES.models);
  });

  test('of a model that is distilled', async () => {
    const folder = join(clone.folder, 'distilling');
    cpSync(join(clone.folder, 'my-model'), join(folder, 'my-model'), { recursive: true });
    shortenVocabulary(join(folder, 'my-model', 'tokenizer.json'), 2000);
    await enterAll(EXAMPLES.distilled, 0, folder);
  });

  test('of nights', async () => {
    const worker = await start('worker', WORKER_READY);
    await enterAll('schedule create nightly.yaml\nschedule trigger nightly --wait');
    await enterAll(EXAMPLES.nightContinued, 2);
    await enterAll(EXAMPLES.nights);
    await stop(worker);
    // A night over what has not changed would end at once, so that none could be cancelled.
    writeFileSync(join(clone.folder, 'docs/decisions/new.md'), 'This page is new.');
    await start('worker --queues control', WORKER_READY);
    for (const words of linesOf(EXAMPLES.nightsCancelled)) {
      await enterAll(EXAMPLES.nightTriggered);
      await untilCode(words.join(' '), 0);
      await untilCode('status nightly', 1);
    }
    await enterAll(EXAMPLES.schedulesDeleted);
  });
});
