import { spawn } from 'node:child_process';
import { PROJECT } from './project.js';

export interface CommandOptions {
  /** Laid over this process's environment. */
  environment?: Readonly<Record<string, string>>;
  /** Whether its output is shown; by default it is. */
  quiet?: boolean;
}

/**
 * Runs a command in the project's folder with our terminal and resolves with its exit code; 127
 * when it is absent.
 */
export function runCommand(
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
