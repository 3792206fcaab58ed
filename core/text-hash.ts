/**
 * Returns a whole number from 0 (inclusive) to 2³² (exclusive) that a text and a seed determine:
 * FNV-1a of the text's UTF-16 units, then mixed by the finaliser of MurmurHash3.
 */
export function hashOfText(text: string, seed: number): number {
  let hash = (0x811c9dc5 ^ seed) >>> 0;
  for (let index = 0; index < text.length; index += 1)
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193) >>> 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
