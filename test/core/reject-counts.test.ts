import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { REJECT_CODES, type RejectCode } from '../../core/document.js';
import {
  addRejects,
  describeRejects,
  exceedsRejectFraction,
  type RejectCounts,
  totalRejects,
} from '../../core/reject-counts.js';

const codes = Object.keys(REJECT_CODES) as RejectCode[];
const counts = fc.dictionary(fc.constantFrom(...codes), fc.nat(1000)) as fc.Arbitrary<RejectCounts>;

describe('reject counts', () => {
  it('add up by code, in any order, and leave their arguments alone', () => {
    fc.assert(
      fc.property(counts, counts, (left, right) => {
        const before = structuredClone({ left, right });
        const sum = addRejects(left, right);
        expect(totalRejects(sum)).toBe(totalRejects(left) + totalRejects(right));
        expect(addRejects(right, left)).toEqual(sum);
        expect({ left, right }).toEqual(before);
      }),
    );
  });

  it('are described with the most frequent first', () => {
    expect(describeRejects({ EMPTY_TEXT: 1, BAD_JSON: 3, MISSING_ID: 1 })).toBe(
      'BAD_JSON 3, EMPTY_TEXT 1, MISSING_ID 1',
    );
  });
});

describe('exceedsRejectFraction', () => {
  it('allows exactly the share that the job allows, and not one more reject', () => {
    expect(exceedsRejectFraction(99, { BAD_JSON: 1 }, 0.01)).toBe(false);
    expect(exceedsRejectFraction(98, { BAD_JSON: 1, EMPTY_TEXT: 1 }, 0.01)).toBe(true);
  });

  it('with a share of 0 stops at the first reject', () => {
    expect(exceedsRejectFraction(1_000_000, {}, 0)).toBe(false);
    expect(exceedsRejectFraction(1_000_000, { BAD_JSON: 1 }, 0)).toBe(true);
  });

  it('with a share of 1 never stops', () => {
    expect(exceedsRejectFraction(0, { BAD_JSON: 5 }, 1)).toBe(false);
  });

  it('never stops an empty corpus', () => {
    expect(exceedsRejectFraction(0, {}, 0)).toBe(false);
  });
});
