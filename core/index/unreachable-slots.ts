/**
 * Returns the slots of a graph's lowest layer to which no path of links leads from `entry`, in
 * ascending order. No search finds the rows in them. `links` is `[rows, connectivity]`; a negative
 * slot ends a list early.
 */
export function unreachableSlots(links: Int32Array, connectivity: number, entry: number): number[] {
  const rows = links.length / connectivity;
  const reached = new Uint8Array(rows);
  const waiting = new Int32Array(rows);
  let last = 0;
  if (rows > 0) {
    waiting[last++] = entry;
    reached[entry] = 1;
  }
  for (let first = 0; first < last; first += 1) {
    const list = waiting[first]! * connectivity;
    for (let at = list; at < list + connectivity; at += 1) {
      const slot = links[at]!;
      if (slot < 0) break;
      if (reached[slot] === 1) continue;
      reached[slot] = 1;
      waiting[last++] = slot;
    }
  }
  const lost: number[] = [];
  for (let slot = 0; slot < rows; slot += 1) if (reached[slot] === 0) lost.push(slot);
  return lost;
}
