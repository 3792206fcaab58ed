import { setTimeout as delay } from 'node:timers/promises';
import { backoffMs, type RetryPolicy } from '../../core/backoff.js';
import { checkCancelled, storeCancelled } from './store-errors.js';

/** These waits add up to about 15 seconds on average and half a minute at most. */
export const DEFAULT_RETRY: RetryPolicy = { attempts: 9, baseMs: 100, capMs: 10_000 };

export interface RetryOptions {
  isRetryable: (error: unknown) => boolean;
  policy?: RetryPolicy;
  signal?: AbortSignal | undefined;
  /** Waits. The promise is rejected when the signal fires. */
  sleep?: (milliseconds: number, signal: AbortSignal | undefined) => Promise<void>;
  /** Returns a number that is uniform in [0, 1). */
  random?: () => number;
}

/**
 * Calls the operation until it succeeds, fails with an error that a retry cannot mend, or has used
 * up its attempts. Throws the last error.
 * Errors: CANCELLED once the signal fires, before a call or while waiting for one.
 */
export async function retry<T>(operation: () => Promise<T>, options: RetryOptions): Promise<T> {
  const { isRetryable, signal } = options;
  const policy = options.policy ?? DEFAULT_RETRY;
  for (let failures = 0; ; ) {
    checkCancelled(signal);
    try {
      return await operation();
    } catch (error) {
      failures += 1;
      if (failures >= policy.attempts || !isRetryable(error)) throw error;
    }
    await pause(failures, options);
  }
}

/**
 * Waits before the next attempt; the time depends on the number of failures so far. Errors:
 * CANCELLED.
 */
export async function pause(
  failures: number,
  options: Pick<RetryOptions, 'policy' | 'signal' | 'sleep' | 'random'>,
): Promise<void> {
  const { policy = DEFAULT_RETRY, signal, sleep = wait, random = Math.random } = options;
  try {
    await sleep(backoffMs(failures, policy, random), signal);
  } catch (error) {
    throw signal?.aborted ? storeCancelled() : error;
  }
}

async function wait(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  await delay(milliseconds, undefined, signal ? { signal } : {});
}
