import { join } from 'node:path';
import { VectormillError } from '../../core/errors.js';
import { CLI, STATE_FOLDER } from '../project.js';
import { runProcess } from '../run-process.js';

/** The folder with everything that the demo writes. */
export const DEMO_FOLDER = join(STATE_FOLDER, 'demo');
export const MODEL = 'all-MiniLM-L6-v2';

export type DemoCommand = (
  line: readonly string[],
  environment?: Readonly<Record<string, string>>,
) => Promise<void>;

/**
 * Runs a part of the demo. `command` runs the built command in the foreground; the command itself
 * says what went wrong. Errors: CANCELLED after Ctrl-C, INTERNAL where a command fails.
 */
export async function runDemo(part: (command: DemoCommand) => Promise<void>): Promise<void> {
  const interrupt = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => interrupt.abort());
  const { signal } = interrupt;
  try {
    await part(async (line, environment = {}) => {
      const code = signal.aborted ? 0 : await run(line, environment);
      if (signal.aborted) throw interrupted();
      if (code !== 0) throw failed(line[0] ?? '', code);
    });
  } finally {
    if (signal.aborted) process.exitCode = 130;
  }
}

/** Runs the built command as npx does, so that it names commands as they are typed in a clone. */
function run(line: readonly string[], environment: Readonly<Record<string, string>>): Promise<number> {
  return runProcess(process.execPath, [CLI, ...line], {
    environment: { ...environment, npm_command: 'exec' },
  });
}

export function printTitle(title: string): void {
  console.log(`\n── ${title}`);
}

function interrupted(): VectormillError {
  return new VectormillError('CANCELLED', 'the demo was interrupted', {
    component: 'demo',
    remedy: '`make demo` starts it afresh.',
  });
}

function failed(command: string, code: number): VectormillError {
  return new VectormillError('INTERNAL', `vectormill ${command} ended with ${code}`, {
    component: 'demo',
    remedy: 'See what it said above, and the log of the worker, if one was started.',
    file: join(DEMO_FOLDER, 'worker.log'),
  });
}
