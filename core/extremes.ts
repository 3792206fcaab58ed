/**
 * The least of numbers, Infinity where there are none: Math.min takes no more of them than the
 * stack has room for.
 */
export function minOf(values: Iterable<number>): number {
  let least = Number.POSITIVE_INFINITY;
  for (const value of values) least = Math.min(least, value);
  return least;
}

/** The greatest of numbers, -Infinity where there are none. */
export function maxOf(values: Iterable<number>): number {
  let greatest = Number.NEGATIVE_INFINITY;
  for (const value of values) greatest = Math.max(greatest, value);
  return greatest;
}
