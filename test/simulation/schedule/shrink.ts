/**
 * Returns a list as short as possible for which `holds` is still true, as it is for the whole list.
 * Runs of entries are left out, long ones first. `isSpent` says when it is enough.
 */
export async function shortest<T>(
  list: readonly T[],
  holds: (shorter: readonly T[]) => Promise<boolean>,
  isSpent: () => boolean,
): Promise<readonly T[]> {
  let best = list;
  for (let length = best.length; length >= 1; length = length === 1 ? 0 : Math.ceil(length / 2)) {
    for (let start = 0; start < best.length && !isSpent(); ) {
      const shorter = [...best.slice(0, start), ...best.slice(start + length)];
      if (shorter.length < best.length && (await holds(shorter))) best = shorter;
      else start += length;
    }
  }
  return best;
}
