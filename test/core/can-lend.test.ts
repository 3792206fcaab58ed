import { expect, test } from 'vitest';
import { canLend } from '../../core/can-lend.js';
import { VECTOR_PRECISIONS, type VectorEncoding } from '../../core/vector-precision.js';

const ranges = { min: [-1, 0], max: [1, 0.5] };
const encodings: VectorEncoding[] = VECTOR_PRECISIONS.map((precision) =>
  precision === 'int8' || precision === 'uint8' ? { precision, ranges } : { precision },
);

test('float32 lends to every precision, and any other to itself alone', () => {
  for (const lender of encodings)
    for (const borrower of encodings) {
      const expected = lender.precision === 'float32' || lender.precision === borrower.precision;
      expect(canLend(lender, borrower), `${lender.precision} to ${borrower.precision}`).toBe(expected);
    }
});

test('int8 and uint8 lend only under equal ranges', () => {
  for (const precision of ['int8', 'uint8'] as const) {
    const lender = { precision, ranges };
    expect(canLend(lender, { precision, ranges: { min: [-1, 0], max: [1, 0.5] } })).toBe(true);
    expect(canLend(lender, { precision, ranges: { min: [-1, 0], max: [1, 0.6] } })).toBe(false);
    expect(canLend(lender, { precision })).toBe(false);
  }
});
