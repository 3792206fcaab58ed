/** How often a failing call is made, and how long to wait in between. */
export interface RetryPolicy {
  /** Calls in all, the first one included. */
  attempts: number;
  /** Longest wait before the second call, in milliseconds; doubled before each further one. */
  baseMs: number;
  /** Longest wait before any call, in milliseconds. */
  capMs: number;
}

/**
 * How long to wait after the given number of failures (from 1): uniform between 0 and the
 * exponential bound, "full jitter", so that clients which failed together do not come back
 * together.
 * @param random uniform in [0, 1)
 */
export function backoffMs(failures: number, policy: RetryPolicy, random: () => number): number {
  return random() * Math.min(policy.capMs, policy.baseMs * 2 ** (failures - 1));
}
