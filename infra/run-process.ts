import { spawn } from 'node:child_process';
import { PROJECT } from './project.js';

export interface CommandOptions {
  /** Variables that override this process's environment. */
  environment?: Readonly<Record<string, string>>;
  /** Whether the output is hidden. By default it is shown. */
  quiet?: boolean;
}

/**
 * Runs a command in the project's folder with our terminal and resolves to its exit code, which is
 * 127 when the command does not exist.
 */
export function runProcess(
  path: string,
  parameters: readonly string[],
  options: CommandOptions = {},
): Promise<number> {
  return new Promise((resolve) => {
    const child = spawn(path, parameters, {
      cwd: PROJECT,
      env: { ...process.env, ...options.environment },
      stdio: options.quiet ? 'ignore' : ['ignore', 'inherit', 'inherit'],
    });
    child.once('error', () => resolve(127));
    child.once('close', (code, signal) => resolve(code ?? (signal === 'SIGINT' ? 130 : 1)));
  });
}
