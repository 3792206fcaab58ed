/** The number of attempts at a failing call, and the time to wait between two of them. */
export interface RetryPolicy {
  /** The number of calls in all, the first one included. */
  attempts: number;
  /**
   * The longest wait before the second call, in milliseconds. It is doubled before each further
   * call.
   */
  baseMs: number;
  /** The longest wait before any call, in milliseconds. */
  capMs: number;
}

/**
 * Returns the time to wait after the given number of failures (from 1), in milliseconds. The wait
 * is uniform between 0 and the exponential bound ("full jitter"), so that clients which failed
 * together do not come back together.
 * @param random uniform in [0, 1)
 */
export function backoffMs(failures: number, policy: RetryPolicy, random: () => number): number {
  return random() * Math.min(policy.capMs, policy.baseMs * 2 ** (failures - 1));
}
