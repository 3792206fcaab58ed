/** Matches words, and single characters of scripts that put no spaces between words. */
const TOKENS =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]|(?:(?![\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}])[\p{L}\p{N}\p{M}])+/gu;

/** The offset basis and the prime of FNV-1a for 32 bits. */
const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/**
 * Returns every two neighbouring words of a text, in lower case and without compatibility
 * differences, as ascending 32-bit hashes. For a text of a single word it is the word itself. It is
 * empty where there are no words.
 */
export function shinglesOf(text: string): Uint32Array {
  const tokens = text.normalize('NFKC').toLowerCase().match(TOKENS) ?? [];
  const shingles =
    tokens.length === 1 ? tokens : tokens.slice(1).map((token, index) => `${tokens[index]} ${token}`);
  return Uint32Array.from(new Set(shingles.map(hashOf))).sort();
}

/**
 * Returns the overlap coefficient, 0 to 1: the fraction of the smaller text's shingles that the
 * other text has, too. It is 1 also where one text is a part of the other, as with overlapping
 * chunks and shortened copies. It is 0 where a text has no words.
 */
export function shingleOverlap(left: Uint32Array, right: Uint32Array): number {
  const smaller = Math.min(left.length, right.length);
  if (smaller === 0) return 0;
  let common = 0;
  for (let a = 0, b = 0; a < left.length && b < right.length; ) {
    const difference = left[a]! - right[b]!;
    if (difference === 0) common += 1;
    if (difference <= 0) a += 1;
    if (difference >= 0) b += 1;
  }
  return common / smaller;
}

function hashOf(text: string): number {
  let hash = FNV_OFFSET;
  for (let index = 0; index < text.length; index += 1)
    hash = Math.imul(hash ^ text.charCodeAt(index), FNV_PRIME) >>> 0;
  return hash;
}
