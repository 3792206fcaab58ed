/**
 * Returns the middle value. For an even number of values it is the upper one of the two in the
 * middle.
 */
export function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)]!;
}
