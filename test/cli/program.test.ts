import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadCommands } from '../../cli/catalogue.js';
import { callableCommands, examplesOf, helpOf } from '../../cli/docs/command-help.js';
import { createProgram } from '../../cli/program.js';
import { SHORT_OPTIONS } from '../../cli/short-options.js';
import { filesBelow, vectormill, vectormillJson } from './command-line.js';

const loaded = await loadCommands();

const commands = callableCommands(createProgram(loaded));

describe('every command', () => {
  test.each(commands)('$path describes itself and each of its arguments and options', ({ command }) => {
    expect(command.description()).not.toBe('');
    for (const argument of command.registeredArguments) expect(argument.description).not.toBe('');
    for (const option of command.options) expect(option.description).not.toBe('');
  });

  test.each(commands)('$path takes --json', ({ command }) => {
    expect(command.options.map(({ long }) => long)).toContain('--json');
  });

  test.each(commands)('$path has an example in its help, and its examples parse', ({ path, command }) => {
    const examples = examplesOf(command);
    expect(examples.length).toBeGreaterThan(0);
    for (const line of examples) {
      const words = [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain!);
      expect(words.slice(0, path.split(' ').length).join(' ')).toBe(path);
      const parsing = callableCommands(createProgram(loaded)).find((other) => other.path === path)!.command;
      const called: unknown[] = [];
      parsing.action((...given: unknown[]) => void called.push(given));
      parsing.parse(words.slice(path.split(' ').length), { from: 'user' });
      expect(called).toHaveLength(1);
    }
  });

  test('the help of the program lists every command', () => {
    const help = helpOf(createProgram(loaded));
    for (const { path } of commands) expect(help).toContain(path.split(' ')[1]);
  });
});

describe('the code of commands', () => {
  test.each([
    [['--version'], []],
    [['--help'], []],
    [['serch', 'x'], []],
    [['search', '--help'], ['search']],
    [['help', 'model'], ['model']],
    [['completion', 'bash'], [...loaded.keys()]],
  ])('is loaded for %j as far as it is called', async (line, names) => {
    expect([...(await loadCommands(line)).keys()]).toEqual(names);
  });

  test('is not needed to list them', () => {
    expect(helpOf(createProgram(new Map()))).toBe(helpOf(createProgram(loaded)));
  });
});

describe('short options', () => {
  const pairs = commands.flatMap(({ command }) =>
    command.options.flatMap(({ short, long }) => (short && long ? [{ short, long }] : [])),
  );

  test('mean the same everywhere, and every command that has the long one has the short one', () => {
    const meaning = new Map([
      ['-h', '--help'],
      ['-V', '--version'],
    ]);
    for (const { short, long } of pairs) {
      expect(meaning.get(short) ?? long, short).toBe(long);
      meaning.set(short, long);
    }
    for (const [long, short] of Object.entries(SHORT_OPTIONS)) expect(meaning.get(short), long).toBe(long);
    for (const { path, command } of commands)
      for (const { short, long } of command.options)
        expect(short, `${path} ${long}`).toBe(SHORT_OPTIONS[long ?? '']);
  });

  test('are read as the long ones are', async () => {
    const { json } = await vectormillJson('search', 'x', 'y', '-k', '0');
    expect(json.error).toMatchObject({
      code: 'USAGE',
      message: expect.stringMatching(/--top.*whole number/),
    });
    expect((await vectormill('run', 'none.yaml', '-j')).stdout).toMatch(/^{"error":{"code":"JOB_UNREADABLE"/);
  });
});

describe('misuse is refused with exit code 2', () => {
  test.each([
    [['serch', 'x'], /unknown command 'serch'.*search/],
    [['search', 'x', 'y', '--tpo', '3'], /unknown option '--tpo'.*--top/],
    [['search', 'x', 'y', '--top', 'abc'], /--top.*whole number/],
    [['search', 'x', 'y', '--top', '0'], /--top.*whole number/],
    [['search', 'x', 'y', '--top', '-1'], /--top/],
    [['search', 'x', 'y', '--top', '1e3'], /--top/],
    [['list', '--limit', 'all'], /--limit/],
    [['search'], /missing required argument/],
    [['search', 'x', 'y', 'z'], /too many arguments/],
    [['encode', '--model', 'm'], /required option/],
    [['encode', '--model', '', '--input', 'a', '--output', 'b'], /--model.*must not be empty/],
    [['worker', '--queues', 'embed-tpu'], /no queue/],
    [['worker', '--provider', 'tpu'], /--provider.*cpu, cuda, tensorrt, webgpu, coreml/],
    [['worker', '--sessions', '0'], /--sessions.*whole number/],
  ])('%j', async (line, message) => {
    const text = await vectormill(...line);
    expect(text.code).toBe(2);
    expect(text.stderr).toMatch(message);
    const { code, json } = await vectormillJson(...line);
    expect(code).toBe(2);
    expect(json.error).toMatchObject({ code: 'USAGE', message: expect.stringMatching(message) });
    expect(json.error.remedy).toMatch(/\S/);
  });

  test.each([[[]], [['model']]])(
    'a missing command, as in %j, shows the help and is refused',
    async (line) => {
      const { code, stdout, stderr } = await vectormill(...line);
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toMatch(/Usage: vectormill[\s\S]*no command was given/);
    },
  );

  test('the remedy names the command that was misused', async () => {
    expect((await vectormill('model', 'show', 'a', 'b')).stderr).toContain('`vectormill model show --help`');
  });

  test('help and version are not misuse', async () => {
    expect((await vectormill('--help')).code).toBe(0);
    expect((await vectormill('search', '--help')).code).toBe(0);
    expect(await vectormill('--version')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
    });
  });

  test('the version of a command is its own option, and of no other command', async () => {
    const named = await vectormillJson('run', 'none.yaml', '--version', 'v2');
    expect(named.json.error.code).toBe('JOB_UNREADABLE');
    expect((await vectormillJson('run', 'none.yaml', '--version', '../v2')).json.error).toMatchObject({
      code: 'USAGE',
      message: expect.stringMatching(/--version.*letters/),
    });
    expect((await vectormill('run', 'none.yaml', '--version')).stderr).toMatch(/argument missing/);
    expect((await vectormillJson('search', 'a', 'b', '--version')).json.error.message).toMatch(
      /unknown option/,
    );
  });
});

describe('a job file that is refused', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'vectormill-cli-'));
    writeFileSync(join(folder, 'corpus.jsonl'), '{"_id": "1", "text": "a"}\n');
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test.each([
    ['an unknown key', 'chunk_size: 3\n', 'JOB_INVALID', /unknown key `chunk_size`/],
    ['an unknown nested key', 'chunking: {size: 3}\n', 'JOB_INVALID', /unknown key `chunking.size`/],
    ['a model that is not there', '', 'MODEL_NOT_FOUND', /no-such-model/],
    ['a dataset that leads elsewhere', 'dataset: ../x\n', 'JOB_INVALID', /dataset/],
  ])('%s exits with 2 and writes nothing', async (_, line, code, message) => {
    const dataset = line.startsWith('dataset') ? '' : 'dataset: d\n';
    const file = join(folder, 'job.yaml');
    writeFileSync(file, `${dataset}input: corpus.jsonl\noutput: ./out\nmodel: no-such-model\n${line}`);
    const before = await filesBelow(folder);
    const outcome = await vectormillJson('run', file);
    expect(outcome.code).toBe(2);
    expect(outcome.json.error).toMatchObject({ code, message: expect.stringMatching(message) });
    expect(await filesBelow(folder)).toEqual(before);
  });

  test('a file that does not exist', async () => {
    const { code, json } = await vectormillJson('run', join(folder, 'none.yaml'));
    expect(code).toBe(2);
    expect(json.error.code).toBe('JOB_UNREADABLE');
  });
});
