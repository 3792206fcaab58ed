import { canonicalJson } from './canonical-json.js';
import { needsRanges, type VectorEncoding } from './vector-precision.js';

/**
 * Returns whether the stored vectors of one version are what another version would store, bit for
 * bit, for the same texts of the same model. float32 holds all that the model computed, so that
 * every precision follows from it. Other precisions have lost some of it and serve only the same
 * precision, and int8 and uint8 only the same ranges.
 */
export function canLend(lender: VectorEncoding, borrower: VectorEncoding): boolean {
  if (lender.precision === 'float32') return true;
  if (lender.precision !== borrower.precision) return false;
  return !needsRanges(lender.precision) || canonicalJson(lender.ranges) === canonicalJson(borrower.ranges);
}
