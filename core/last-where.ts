/**
 * Returns the last position below `length` at which `isBefore` holds, or 0 where there is none. It
 * must hold at every position before that one, too.
 */
export function lastWhere(length: number, isBefore: (at: number) => boolean): number {
  let from = 0;
  let to = length - 1;
  while (from < to) {
    const middle = Math.ceil((from + to) / 2);
    if (isBefore(middle)) from = middle;
    else to = middle - 1;
  }
  return from;
}
