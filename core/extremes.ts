/**
 * Returns the least of some numbers, or Infinity where there are none. `Math.min` would take them
 * as arguments, for which the stack may have no room.
 */
export function minOf(values: Iterable<number>): number {
  let least = Number.POSITIVE_INFINITY;
  for (const value of values) least = Math.min(least, value);
  return least;
}

/** Returns the greatest of some numbers, or -Infinity where there are none. */
export function maxOf(values: Iterable<number>): number {
  let greatest = Number.NEGATIVE_INFINITY;
  for (const value of values) greatest = Math.max(greatest, value);
  return greatest;
}
