import { execFile, execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify, stripVTControlCharacters } from 'node:util';
import { CLI, PROJECT } from '../../infra/project.js';

const SCRIPT = fileURLToPath(new URL('pseudo_terminal.py', import.meta.url));

/**
 * Whether there is a Python with which to open a pseudo-terminal. Tests that need one are skipped
 * without it.
 */
export const hasPseudoTerminal = (() => {
  try {
    execFileSync('python3', ['-c', 'import fcntl, pty, termios'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

/**
 * An action of a person at a terminal. Before that, the step waits until the regular expression
 * `until` matches what was printed since the step before.
 */
export interface TerminalStep {
  until?: string;
  type?: string;
  signal?: NodeJS.Signals;
  /** Closes the terminal. */
  hangUp?: true;
}

export interface TerminalOutcome {
  /** The text that was written to the terminal, escape sequences included. */
  output: string;
  /** The output without them. */
  text: string;
  /** The exit code. Null where a signal ended the process. */
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** Runs a command to its end on a terminal of its own. */
export async function onTerminal(
  command: readonly string[],
  steps: readonly TerminalStep[],
  { columns = 80, environment = {} }: { columns?: number; environment?: NodeJS.ProcessEnv } = {},
): Promise<TerminalOutcome> {
  const { CI: _, NO_COLOR: __, FORCE_COLOR: ___, ...inherited } = process.env;
  const { stdout } = await promisify(execFile)(
    'python3',
    [SCRIPT, JSON.stringify({ columns, rows: 24, steps }), ...command],
    { cwd: PROJECT, env: { ...inherited, TERM: 'xterm-256color', ...environment } },
  );
  const outcome = JSON.parse(stdout) as Omit<TerminalOutcome, 'text'>;
  return { ...outcome, text: stripVTControlCharacters(outcome.output) };
}

/** Returns the built command with its arguments. */
export function vectormillCommand(...line: readonly string[]): string[] {
  return [process.execPath, CLI, ...line];
}
