import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { localModels } from '../../workers/worker-tools.js';
import { useTemporaryFolder } from '../engine/model/temporary-folder.js';
import { writeTinyModel } from '../engine/model/tiny-model.js';
import { EVERY_COMMAND, runUnread, spawnCli } from '../support/built-cli.js';
import { letterDocuments } from '../support/letter-documents.js';
import { hasPseudoTerminal, onTerminal } from '../support/pseudo-terminal.js';
import { startWorkerWith, type TestNamespace, type TestWorker, testNamespace } from '../support/temporal.js';
import { writeCorpus } from '../support/test-job.js';
import { linesOnTemporal } from './output-lines.js';

const models = useTemporaryFolder();
let namespace: TestNamespace;
let worker: TestWorker;
let environment: NodeJS.ProcessEnv;

beforeAll(async () => {
  namespace = await testNamespace();
  environment = { TEMPORAL_NAMESPACE: namespace.namespace };
  worker = startWorkerWith(namespace, localModels({ sessions: 1 }));
  await writeTinyModel(join(models.path, 'model'));
});
afterAll(async () => {
  await worker?.stop();
  await namespace?.close();
});

/** Returns command lines over a dataset of this name, and the exit codes with which they end. */
function linesFor(name: string): { lines: string[][]; codes: number[] } {
  const folder = join(models.path, name);
  mkdirSync(folder);
  writeCorpus(folder, { 'a.jsonl': letterDocuments(40) });
  const job = `input: ./corpus\noutput: ./out\nmodel: ${join(models.path, 'model')}\n`;
  writeFileSync(join(folder, 'job.yaml'), `dataset: ${name}\n${job}`);
  writeFileSync(
    join(folder, 'mine.yaml'),
    `dataset: ${name}\noutput: ./out\nmining: {near_duplicate: off}\n`,
  );
  const nested = job.replace(/^/gm, '  ').trimEnd();
  writeFileSync(
    join(folder, 'nightly.yaml'),
    `name: ${name}\ncron: "0 2 * * *"\njob:\n  dataset: ${name}-nights\n${nested}\n`,
  );
  const all = linesOnTemporal(folder, name, join(models.path, 'model'));
  return { lines: all.map(({ line }) => line), codes: all.map(({ code }) => code) };
}

test('no command that asks Temporal fails because nobody reads what it prints', async () => {
  const { lines, codes } = linesFor('unread');
  const { stderr } = await runUnread([EVERY_COMMAND, JSON.stringify(lines)], environment);
  expect(stderr).not.toMatch(/EPIPE|node:|\n {4}at /);
  expect(JSON.parse(/^codes (.*)$/m.exec(stderr)?.[1] ?? 'null'), stderr).toEqual(codes);
});

test('a worker goes on when nobody reads what it prints, and ends when it is asked to', async () => {
  const child = spawnCli(['worker', '--queues', 'control'], environment);
  child.stdout!.destroy();
  let stderr = '';
  for await (const data of child.stderr!) {
    stderr += data;
    if (stderr.includes('worker.started')) break;
  }
  expect(child.exitCode).toBeNull();
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([0, null]);
});

describe.skipIf(!hasPseudoTerminal)('on a pseudo-terminal, which needs python3,', () => {
  const run = async (name: string, columns: number, more: NodeJS.ProcessEnv) => {
    const { lines, codes } = linesFor(name);
    const shown = await onTerminal(
      [process.execPath, EVERY_COMMAND, JSON.stringify(lines)],
      [{ type: '\n' }],
      {
        columns,
        environment: { ...environment, ...more },
      },
    );
    expect(shown.text).toContain(`codes ${JSON.stringify(codes)}`);
    return shown;
  };

  test('every command that asks Temporal works on 20 columns, and without colours where none are wanted', async () => {
    const { output, text } = await run('narrow', 20, { NO_COLOR: '1', COLUMNS: '20' });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are what is looked for
    expect(output).not.toMatch(/\u001b\[[0-9;]*m/);
    expect(text).toContain('narrow@v1 is complete');
  });

  test('every command that asks Temporal works on a terminal that knows no escape sequences', async () => {
    const { output } = await run('dumb', 200, { TERM: 'dumb' });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: escapes are what is looked for
    expect(output).not.toMatch(/\u001b/);
    expect(output).toContain('dumb@v1 is complete');
  });
});
