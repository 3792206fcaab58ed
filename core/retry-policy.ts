/** The times that an executor waits before it tries a step again, in ms. */
export const RETRY_POLICY = {
  initialIntervalMs: 1000,
  backoffCoefficient: 2,
  maximumIntervalMs: 10_000,
} as const;

/** An error without a code of ours is a defect; it gets this many attempts, as it may pass. */
export const UNKNOWN_ERROR_ATTEMPTS = 5;

/**
 * Returns the wait before attempt `attempt`, which is 2 for the first attempt that repeats one; in
 * ms.
 */
export function waitBefore(attempt: number): number {
  const { initialIntervalMs, backoffCoefficient, maximumIntervalMs } = RETRY_POLICY;
  return Math.min(maximumIntervalMs, initialIntervalMs * backoffCoefficient ** (attempt - 2));
}
