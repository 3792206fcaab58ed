import { setTimeout } from 'node:timers/promises';
import { isFinal, isVectormillError } from '../core/errors.js';
import { UNKNOWN_ERROR_ATTEMPTS, waitBefore } from '../core/retry-policy.js';
import { throwIfStopped } from '../engine/concurrency/stop.js';
import { localFileError } from '../engine/store/file-errors.js';

/** The options with which the attempts at one step are told apart, stopped and seen. */
export interface AttemptOptions {
  /** Aborted: no further attempt is made, and a wait for one ends. */
  signal: AbortSignal;
  /** Is called before every attempt but the first, with what the one before it failed with. */
  onRetry(error: Error): void;
}

/**
 * Calls `step` with 1, 2, 3, … until it succeeds or fails with an error that a retry cannot mend.
 * Between calls it waits as Temporal does for workers. Errors: the last one of `step`; CANCELLED
 * where the signal ends a wait.
 */
export async function untilDone<T>(
  step: (attempt: number) => Promise<T>,
  { signal, onRetry }: AttemptOptions,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await step(attempt);
    } catch (thrown) {
      const error = localFileError(thrown) ?? thrown;
      if (!isWorthAnother(error, attempt)) throw error;
      onRetry(error instanceof Error ? error : new Error(String(error)));
      await setTimeout(waitBefore(attempt + 1), undefined, { signal }).catch(() => {});
      throwIfStopped(signal);
    }
  }
}

function isWorthAnother(error: unknown, attempt: number): boolean {
  if (isVectormillError(error)) return error.code !== 'CANCELLED' && !isFinal(error.code);
  return attempt < UNKNOWN_ERROR_ATTEMPTS;
}
