import { errorWith, isVectormillError, VectormillError } from '../core/errors.js';
import type { CommandInput, OptionDefinition } from './define-command.js';

/** The executor of the steps of a command's work: this process, or workers on Temporal. */
export type Executor = 'local' | 'temporal';

/**
 * Returns the two options that tell a command where to compute: `--local` and `--temporal`. Their
 * descriptions say which of the two is the command's `fallback`, and which `queues` the workers
 * serve.
 */
export function executorOptions(fallback: Executor, { queues }: { queues: string }): OptionDefinition[] {
  const told = (executor: Executor) => (executor === fallback ? ' (default)' : '');
  return [
    {
      flags: '--local',
      description: `compute in this process, without Temporal; Ctrl-C pauses, and the same command goes on${told('local')}`,
    },
    {
      flags: '--temporal',
      description: `let workers compute, on the queues ${queues}; Ctrl-C detaches${told('temporal')}`,
    },
  ];
}

/** Returns where a command is to compute. Errors: USAGE where both options are given. */
export function executorOf({ local, temporal }: CommandInput['options'], fallback: Executor): Executor {
  if (local === true && temporal === true)
    throw new VectormillError(
      'USAGE',
      '--local computes in this process, and --temporal lets workers compute',
      { component: 'cli', remedy: 'Give one of the two.' },
    );
  if (local === true) return 'local';
  return temporal === true ? 'temporal' : fallback;
}

/**
 * Asks workers for what this process could do as well. Errors: those of `work`; one of a server
 * that does not answer also names `--local`.
 */
export async function orLocally<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isVectormillError(error) || error.code !== 'TEMPORAL_UNAVAILABLE') throw error;
    throw errorWith(error, {
      remedy: `${error.remedy} --local computes in this process and needs no server.`,
    });
  }
}
