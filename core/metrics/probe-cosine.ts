import { cosine } from './cosine.js';

/**
 * The least cosine between two vectors of a probe that are of one vector space. Rounding stays
 * above it; the weights behind a provider's model may change without a word.
 */
export const MIN_PROBE_COSINE = 0.9999;

/**
 * Returns the cosine of a probe's vector and the recomputed one. A static model that knows no word
 * of the text gives zeros, which have no direction. Two vectors of zeros count as the same (1), and
 * zeros as unlike any other vector (0).
 */
export function probeCosine(expected: ArrayLike<number>, computed: ArrayLike<number>): number {
  const areZeros = [expected, computed].map((vector) => Array.from(vector).every((value) => value === 0));
  if (areZeros.includes(true)) return areZeros.includes(false) ? 0 : 1;
  return cosine(expected, computed);
}
