import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { CLI, PROJECT } from '../../infra/project.js';

/** A script that runs many lines of the built command in one process. Its own comment says how. */
export const EVERY_COMMAND = join(PROJECT, 'test', 'cli', 'every-command.mjs');

export interface CliResult {
  code: number | null;
  stdout: string;
  stderr: string;
}

/**
 * Starts the compiled command as if it were called without npx, however the tests were started.
 * `make test` builds it.
 */
export function spawnCli(args: readonly string[], environment: NodeJS.ProcessEnv = {}): ChildProcess {
  return spawn(process.execPath, [CLI, ...args], {
    cwd: PROJECT,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** Runs a command to its end. */
export async function runCli(
  args: readonly string[],
  environment: NodeJS.ProcessEnv = {},
): Promise<CliResult> {
  const child = spawnCli(args, environment);
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (data) => {
    stdout += data;
  });
  child.stderr?.on('data', (data) => {
    stderr += data;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout, stderr };
}

/**
 * Runs a script to its end whose standard output is a pipe that nobody reads, and answers it with
 * one empty line.
 */
export async function runUnread(
  script: readonly string[],
  environment: NodeJS.ProcessEnv = {},
): Promise<Omit<CliResult, 'stdout'>> {
  const child = spawn(process.execPath, script, { cwd: PROJECT, env: { ...process.env, ...environment } });
  let stderr = '';
  child.stderr.on('data', (data) => {
    stderr += data;
  });
  child.stdout.destroy();
  await once(child.stdout, 'close');
  child.stdin.end('\n');
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stderr };
}
