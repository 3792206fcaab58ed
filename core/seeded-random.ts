/**
 * Gives numbers from 0 (inclusive) to 1 (exclusive), the same for the same seed and stream
 * (mulberry32 by Tommy Ettinger).
 */
export function seededRandom(seed: number, stream: number): () => number {
  let state = mix(mix(seed >>> 0) ^ (stream >>> 0));
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let value = Math.imul(state ^ (state >>> 15), state | 1);
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61);
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * Draws `count` different whole numbers below `below`, in ascending order. Returns all of them
 * where there are not more.
 */
export function sampleIndexes(random: () => number, below: number, count: number): number[] {
  const pool = Array.from({ length: below }, (_, index) => index);
  const wanted = Math.min(count, below);
  for (let drawn = 0; drawn < wanted; drawn += 1) {
    const other = drawn + Math.floor(random() * (below - drawn));
    [pool[drawn], pool[other]] = [pool[other]!, pool[drawn]!];
  }
  return pool.slice(0, wanted).sort((a, b) => a - b);
}

/**
 * Returns the finaliser of MurmurHash3. Because of it, neighbouring seeds give unrelated streams.
 */
function mix(value: number): number {
  let mixed = value;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
