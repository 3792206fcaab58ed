import { expect, test } from 'vitest';
import { costOf } from '../../core/provider.js';

test.each([
  [0, 0.02, 0],
  [1_000_000, 0.02, 0.02],
  [1_234_567, 0.13, 0.160494],
  [3, 0.1, 0],
  [70_000_000_000, 0.1, 7000],
])('%d tokens at %d a million cost %d, to a millionth', (billedTokens, pricePerMillionTokens, amount) => {
  expect(costOf(billedTokens, { pricePerMillionTokens, currency: 'EUR' })).toEqual({
    billedTokens,
    amount,
    currency: 'EUR',
  });
});

test('tokens without a price have no cost in money', () => {
  expect(costOf(5, { currency: 'USD' })).toEqual({ billedTokens: 5, amount: null, currency: 'USD' });
});
