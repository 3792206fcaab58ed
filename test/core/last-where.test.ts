import fc from 'fast-check';
import { expect, it } from 'vitest';
import { lastWhere } from '../../core/last-where.js';

it('finds the last place that is as asked, where all before it are', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 40 }), fc.nat(), (length, drawn) => {
      const last = drawn % length;
      expect(lastWhere(length, (at) => at <= last)).toBe(last);
    }),
  );
});
