import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { basename, relative } from 'node:path';
import { CommanderError } from 'commander';
import { describe, expect, test } from 'vitest';
import { loadCommands } from '../../cli/catalogue.js';
import { callableCommands } from '../../cli/docs/command-help.js';
import { createProgram } from '../../cli/program.js';
import { parseJob } from '../../engine/job/parse-job.js';
import { parseMiningJob } from '../../engine/job/parse-mining-job.js';
import { parseSchedule } from '../../engine/schedule/parse-schedule.js';
import { PROJECT } from '../../infra/project.js';
import { anchorsOf, commandsOf, linksOf, pageOf, pagesIn, yamlFilesOf } from './page.js';
import { shellCommands } from './shell-commands.js';

const loaded = await loadCommands();

type Parser = (text: string, file: string, readText: (file: string) => Promise<string>) => unknown;

/**
 * The parser of a YAML file, by the first word of its name: `job.yaml` and `job-2026-12.yaml` are
 * both a job.
 */
const PARSERS: Readonly<Record<string, Parser>> = {
  job: parseJob,
  mine: parseMiningJob,
  nightly: parseSchedule,
};

const PAGES = pagesIn('docs/recipes');

describe.each(PAGES)('$path', (page) => {
  const calls = commandsOf(page).flatMap(vectormillCall);

  test('shows commands that the program understands', () => {
    expect(calls.length).toBeGreaterThan(0);
    for (const words of calls) expect(problemOf(words), words.join(' ')).toBeUndefined();
  });

  test('shows job files that are valid, each named by its first line', async () => {
    const files = yamlFilesOf(page);
    const readShown = async (path: string) => {
      const shown = files.find(({ name }) => name === basename(path));
      if (!shown) throw new Error(`${path} is not shown`);
      return shown.text;
    };
    for (const { name, text } of files) {
      const parser = PARSERS[name?.split(/[-.]/)[0] ?? ''];
      expect(parser, `the first line of\n${text}\nnames no file of ${Object.keys(PARSERS)}`).toBeDefined();
      await parser!(text, `/recipe/${name}`, readShown);
    }
  });

  test('shows every job file that a command names', () => {
    const shown = yamlFilesOf(page).map(({ name }) => name);
    for (const words of calls)
      for (const word of words.filter((other) => /\.ya?ml$/.test(other)))
        expect(shown, words.join(' ')).toContain(basename(word));
  });

  test('shows files in blocks of their own, not within commands', () => {
    for (const { language, text } of page.blocks) if (language !== 'python') expect(text).not.toContain('<<');
  });

  test('shows Python that Python can parse', () => {
    for (const { language, text } of page.blocks) {
      if (language !== 'python') continue;
      const parse = 'import ast, sys; ast.parse(sys.stdin.read())';
      execFileSync('python3', ['-c', parse], { input: text, stdio: ['pipe', 'ignore', 'pipe'] });
    }
  });
});

describe.each([
  ...PAGES,
  ...pagesIn('docs'),
  ...pagesIn('docs/decisions'),
  ...pagesIn('docs/performance'),
  ...pagesIn('.'),
])('each link of $path', (page) => {
  test('leads to a file that is there, and to a heading of it', () => {
    for (const { target, file, anchor } of linksOf(page)) {
      if (file === undefined) continue;
      expect(existsSync(file), target).toBe(true);
      expect(relative(PROJECT, file), `${target} leaves the project`).not.toMatch(/^\.\./);
      if (anchor !== undefined) expect(anchorsOf(readFileSync(file, 'utf8')), target).toContain(anchor);
    }
  });
});

describe('what a page shows is found', () => {
  const page = pageOf(
    'docs/recipes/example.md',
    [
      '# An example',
      '```sh',
      'npx vectormill run job.yaml  # again: resumes',
      'LOG_LEVEL=debug vectormill search handbook "who may approve" \\',
      '  --top 3 > found.txt && echo done',
      '```',
      '```yaml',
      '# job.yaml',
      'dataset: handbook',
      '```',
      '```',
      '$ vectormill stauts handbook',
      'vectormill says something',
      '```',
      'See [the commands](../cli.md#vectormill-run), `[no](link.md)` and [there](https://example.com).',
    ].join('\n'),
  );

  test('its commands, also those above what they printed', () => {
    expect(commandsOf(page).flatMap(vectormillCall)).toEqual([
      ['run', 'job.yaml'],
      ['search', 'handbook', 'who may approve', '--top', '3'],
      ['stauts', 'handbook'],
    ]);
  });

  test('its job files and links', () => {
    expect(yamlFilesOf(page)).toEqual([{ name: 'job.yaml', text: '# job.yaml\ndataset: handbook\n' }]);
    expect(linksOf(page).map(({ target }) => target)).toEqual([
      '../cli.md#vectormill-run',
      'https://example.com',
    ]);
    expect(anchorsOf('# A page: `x` & more\n```\n# code\n```\n## vectormill run')).toEqual([
      'a-page-x--more',
      'vectormill-run',
    ]);
  });

  test.each([
    [['serch', 'x'], /unknown command 'serch'/],
    [['run', 'job.yaml', '--detatch'], /unknown option '--detatch'/],
    [['search', 'x', 'y', '--top', 'many'], /whole number/],
    [['eval'], /missing required argument/],
  ])('a command that the program would refuse: %j', (words, problem) => {
    expect(problemOf(words)).toMatch(problem);
  });

  test.each([
    ['a b "c d" \'e f\'', [['a', 'b', 'c d', 'e f']]],
    ['a --b="c d" e#f # g', [['a', '--b=c d', 'e#f']]],
    ['a | b && c; d', [['a'], ['b'], ['c'], ['d']]],
    ['a > b 2>&1\nc < d e', [['a'], ['c', 'e']]],
    ['X=1 Y=$(date +%F) a $(b c) $D', [['a', '$(b c)', '$D']]],
    ['# a\n\nb \\\n  c', [['b', 'c']]],
  ])('words of shell: %j', (text, commands) => {
    expect(shellCommands(text)).toEqual(commands);
  });
});

/** Returns the arguments of a `vectormill` command. Empty for another program's command. */
function vectormillCall(words: readonly string[]): string[][] {
  const own = words[0] === 'npx' ? words.slice(1) : words;
  return own[0] === 'vectormill' ? [own.slice(1)] : [];
}

/** Returns the reason why the program would refuse a command line, found without running it. */
function problemOf(words: readonly string[]): string | undefined {
  const program = createProgram(loaded);
  for (const { command } of callableCommands(program)) command.action(() => {});
  program.configureOutput({ writeOut: () => {}, writeErr: () => {} });
  try {
    program.parse(words, { from: 'user' });
    return undefined;
  } catch (error) {
    // Help and version also end with an error.
    return error instanceof CommanderError && error.exitCode === 0 ? undefined : (error as Error).message;
  }
}
