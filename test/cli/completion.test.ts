import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { loadCommands } from '../../cli/catalogue.js';
import { commandWords } from '../../cli/completion/command-words.js';
import { createProgram } from '../../cli/program.js';
import { useTemporaryFolder } from '../engine/model/temporary-folder.js';
import { vectormill, vectormillJson } from './command-line.js';

const loaded = await loadCommands();

const folder = useTemporaryFolder();

beforeAll(async () => {
  for (const shell of SHELLS)
    writeFileSync(join(folder.path, shell), (await vectormill('completion', shell)).stdout);
});

const SHELLS = ['bash', 'zsh', 'fish'] as const;

function has(shell: string): boolean {
  try {
    execFileSync(shell, ['-c', 'true'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/**
 * Finds the words that bash offers at the end of each line, by calling the script as bash's
 * completion would.
 */
function offered(lines: readonly (readonly string[])[]): string[][] {
  const ask = lines.map((line) => {
    const words = ['vectormill', ...line].map((word) => `'${word}'`).join(' ');
    return `COMP_WORDS=(${words}); COMP_CWORD=${line.length}; _vectormill; echo "\${COMPREPLY[*]}"`;
  });
  const script = `source '${join(folder.path, 'bash')}'\n${ask.join('\n')}`;
  const output = execFileSync('bash', ['--norc', '--noprofile', '-c', script], { encoding: 'utf8' });
  return output
    .split('\n')
    .slice(0, -1)
    .map((words) => words.split(' ').filter((word) => word !== ''));
}

describe('completion in bash', () => {
  test('of the first word: every command, and those that begin with what is typed', () => {
    const names = createProgram(loaded).commands.map((command) => command.name());
    const [all, some, none] = offered([[''], ['se'], ['serch']]);
    expect(all).toEqual(names);
    expect(some).toEqual(['search']);
    expect(none).toEqual([]);
  });

  test('of every command: its own options, long and short', () => {
    const commands = commandWords(createProgram(loaded));
    expect(commands.length).toBeGreaterThan(20);
    const found = offered(
      commands.map(({ trail }) => [...trail.split(' ').filter((word) => word !== ''), '-']),
    );
    expect(found).toEqual(commands.map(({ options }) => options.flatMap(({ flags }) => flags)));
    expect(found.every((flags) => flags.includes('--help'))).toBe(true);
  });

  test.each([
    [
      ['model', ''],
      ['pull', 'list', 'remove', 'push', 'convert', 'distill', 'show'],
    ],
    [['schedule', 'tr'], ['trigger']],
    [
      ['run', '--d'],
      ['--detach', '--dry-run'],
    ],
    [
      ['completion', ''],
      ['bash', 'zsh', 'fish'],
    ],
    [['list', '--status', 'f'], ['failed']],
    [['list', '--status', '--l'], ['--limit']],
    [
      ['index', 'build', 'x', '--metric', ''],
      ['cosine', 'dot', 'l2'],
    ],
    // A dataset may have the same name as a command.
    [['search', 'run', '--det'], []],
    [['search', 'run', 'why', '--expl'], ['--explain']],
    // Bash itself completes files.
    [['run', 'jo'], []],
    [['encode', '-o', 'vec'], []],
  ])('of %j', (line, expected) => {
    expect(offered([line])).toEqual([expected]);
  });

  test('is what bash uses for the command', () => {
    const script = `source '${join(folder.path, 'bash')}'; complete -p vectormill`;
    const output = execFileSync('bash', ['--norc', '--noprofile', '-c', script], { encoding: 'utf8' });
    expect(output.trim()).toBe('complete -o default -F _vectormill vectormill');
  });
});

describe('completion in other shells', () => {
  test.each(['zsh', 'fish'] as const)('names every command and option for %s', async (shell) => {
    const { json } = await vectormillJson('completion', shell);
    expect(json.shell).toBe(shell);
    for (const { name, options } of commandWords(createProgram(loaded))) {
      expect(json.script).toContain(name);
      for (const { flags } of options)
        expect(json.script).toContain(shell === 'fish' ? `-l ${flags[0]!.slice(2)}` : `'${flags[0]}:`);
    }
  });

  for (const shell of ['zsh', 'fish'] as const)
    test.skipIf(!has(shell))(`${shell} reads its script`, () => {
      execFileSync(shell, ['--no-execute', join(folder.path, shell)]);
    });

  test('does not exist for another shell', async () => {
    expect(await vectormillJson('completion', 'cmd')).toMatchObject({
      code: 2,
      json: { error: { code: 'USAGE', message: expect.stringContaining('bash, zsh, fish') } },
    });
  });
});
