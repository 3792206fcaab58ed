/** The ranks of byte strings, in which each byte is a character of U+0000 to U+00FF. */
export type Ranks = ReadonlyMap<string, number>;

/**
 * Pairs wait in a heap as rank × 2³² + place. The lowest rank comes first, and among equal ranks
 * the leftmost pair.
 */
const PLACES = 2 ** 32;

/**
 * Encodes one piece by byte pairs: neighbours whose joined bytes have the lowest rank are joined
 * until no neighbours have a rank. Takes time n log n for n bytes. Returns where each token begins,
 * ascending, and `piece.length` as one more entry.
 */
export function joinPairs(piece: string, ranks: Ranks): number[] {
  const size = piece.length;
  // next[i] is where the token that begins at i ends; previous[i] is where the token before it
  // begins.
  const next = Uint32Array.from({ length: size }, (_, at) => at + 1);
  const previous = Int32Array.from({ length: size }, (_, at) => at - 1);
  const joined = new Uint8Array(size);
  const heap: number[] = [];
  const offer = (at: number) => {
    const middle = next[at]!;
    if (middle >= size) return;
    const rank = ranks.get(piece.slice(at, next[middle]));
    if (rank !== undefined) push(heap, rank * PLACES + at);
  };
  for (let at = 0; at < size - 1; at += 1) offer(at);
  while (heap.length > 0) {
    const least = pop(heap);
    const at = least % PLACES;
    const middle = next[at]!;
    // The entry is out of date if one of the pair has been joined to another token since, which
    // changed the bytes.
    if (joined[at] || middle >= size) continue;
    if (ranks.get(piece.slice(at, next[middle])) !== Math.floor(least / PLACES)) continue;
    joined[middle] = 1;
    next[at] = next[middle]!;
    if (next[at]! < size) previous[next[at]!] = at;
    offer(at);
    if (previous[at]! >= 0) offer(previous[at]!);
  }
  const starts: number[] = [];
  for (let at = 0; at < size; at = next[at]!) starts.push(at);
  starts.push(size);
  return starts;
}

function push(heap: number[], value: number): void {
  let at = heap.length;
  heap.push(value);
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if (heap[parent]! <= value) break;
    heap[at] = heap[parent]!;
    at = parent;
  }
  heap[at] = value;
}

function pop(heap: number[]): number {
  const least = heap[0]!;
  const value = heap.pop()!;
  if (heap.length === 0) return least;
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && heap[child + 1]! < heap[child]!) child += 1;
    if (heap[child]! >= value) break;
    heap[at] = heap[child]!;
    at = child;
  }
  heap[at] = value;
  return least;
}
