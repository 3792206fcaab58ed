import fc from 'fast-check';
import { expect, test } from 'vitest';
import { planRequests } from '../../core/request-batches.js';

test('requests hold every text once and in order, and no more than they may', () => {
  const limits = fc.record({
    texts: fc.integer({ min: 1, max: 9 }),
    tokens: fc.integer({ min: 1, max: 90 }),
  });
  fc.assert(
    fc.property(fc.array(fc.nat(60)), limits, (lengths, size) => {
      const runs = planRequests(lengths, size);
      expect(runs.flatMap(({ start, end }) => lengths.slice(start, end))).toEqual(lengths);
      for (const [i, { start, end }] of runs.entries()) {
        expect(start).toBe(runs[i - 1]?.end ?? 0);
        const tokens = lengths.slice(start, end).reduce((sum, length) => sum + length, 0);
        expect(end - start === 1 || (end - start <= size.texts && tokens <= size.tokens)).toBe(true);
        // The request is full: the next text would not have fitted.
        const next = lengths[end];
        if (next !== undefined) expect(end - start === size.texts || tokens + next > size.tokens).toBe(true);
      }
    }),
  );
});
