import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { loadCommands } from '../../cli/catalogue.js';
import { callableCommands } from '../../cli/docs/command-help.js';
import { createProgram } from '../../cli/program.js';
import { CLI } from '../../infra/project.js';
import { copyCrossEncoder } from '../engine/model/cross-encoders.js';
import { useTemporaryFolder } from '../engine/model/temporary-folder.js';
import { EVERY_COMMAND, runUnread } from '../support/built-cli.js';
import { hasPseudoTerminal, onTerminal } from '../support/pseudo-terminal.js';
import { linesOnTemporal, linesWithoutServer } from './output-lines.js';
import { tinyDataset } from './tiny-dataset.js';

const folder = useTemporaryFolder();
/** The help of every command, the commands that need no server, and refusals. */
let lines: string[][];
/** The exit code of each line. */
let codes: number[];

beforeAll(async () => {
  const { model, output } = await tinyDataset(folder.path);
  const place = join(output, 'letters');
  const helps = callableCommands(createProgram(await loadCommands())).map(({ path }) => [
    ...path.split(' ').slice(1),
    '--help',
  ]);
  await mkdir(join(folder.path, 'files'));
  const at = (name: string) => join(folder.path, 'files', name);
  await writeFile(at('texts.jsonl'), '{"id": "1", "text": "a b c"}\n');
  await writeFile(at('pairs.csv'), 'a,a,5\nb c,x y z,0\nd e,d e f,3\n');
  await writeFile(at('mine.yaml'), `dataset: letters\noutput: ${output}\nmining: {near_duplicate: off}\n`);
  await copyCrossEncoder(at('cross-encoder'), 'saved');
  const results = linesWithoutServer(join(folder.path, 'files'), place, model);
  lines = [['--help'], ...helps, ...results.map(({ line }) => line)];
  codes = lines.map((_, index) => results[index - 1 - helps.length]?.code ?? 0);
});

test('every command is run, here or in `output-on-temporal.test.ts`', async () => {
  const run = [...linesWithoutServer('', '', ''), ...linesOnTemporal('', '', '')];
  const results = new Set(run.map(({ line }) => line.join(' ')));
  for (const { path } of callableCommands(createProgram(await loadCommands()))) {
    const words = path.split(' ').slice(1).join(' ');
    expect(
      [...results].some((line) => line === words || line.startsWith(`${words} `)),
      words,
    ).toBe(true);
  }
});

test('the help can be cut off without an error', async () => {
  expect(await runUnread([CLI, '--help'])).toEqual({ code: 0, stderr: '' });
});

test('no command fails because nobody reads what it prints', async () => {
  const { code, stderr } = await runUnread([EVERY_COMMAND, JSON.stringify(lines)]);
  expect(stderr).not.toMatch(/EPIPE|node:|\n {4}at /);
  expect(JSON.parse(/^codes (.*)$/m.exec(stderr)?.[1] ?? 'null')).toEqual(codes);
  expect(code).toBe(0);
});

describe.skipIf(!hasPseudoTerminal)('on a pseudo-terminal, which needs python3,', () => {
  const run = (columns: number, environment: NodeJS.ProcessEnv) =>
    onTerminal([process.execPath, EVERY_COMMAND, JSON.stringify(lines)], [{ type: '\n' }], {
      columns,
      environment,
    });

  test('every command works on 20 columns and on a terminal that knows no escape sequences, and prints the same words', async () => {
    const [narrow, dumb] = await Promise.all([
      run(20, { NO_COLOR: '1', COLUMNS: '20' }),
      run(200, { TERM: 'dumb' }),
    ]);
    expect(narrow.output).toContain(`codes ${JSON.stringify(codes)}`);
    expect(dumb.output).toContain(`codes ${JSON.stringify(codes)}`);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: escapes are what is looked for
    expect(dumb.output).not.toMatch(/\u001b/);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are what is looked for
    expect(narrow.output).not.toMatch(/\u001b\[[0-9;]*m/);
    const words = (text: string) =>
      text
        .replace(/\d+(\.\d+)? s\b|\d+s\b/g, 'time')
        .split(/\s+/)
        .filter(Boolean);
    expect(words(narrow.text)).toEqual(words(dumb.text));
  });
});
