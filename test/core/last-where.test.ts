import fc from 'fast-check';
import { expect, it } from 'vitest';
import { lastWhere } from '../../core/last-where.js';

it('finds the last position at which the condition holds, if it holds at all positions before', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 40 }), fc.nat(), (length, drawn) => {
      const last = drawn % length;
      expect(lastWhere(length, (at) => at <= last)).toBe(last);
    }),
  );
});
