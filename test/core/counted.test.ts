import { expect, test } from 'vitest';
import { counted } from '../../core/counted.js';

test('one is singular, and everything else is plural', () => {
  expect([0, 1, 2, 12_345].map((value) => counted(value, 'graph'))).toEqual([
    '0 graphs',
    '1 graph',
    '2 graphs',
    '12,345 graphs',
  ]);
  expect([1, 2].map((value) => counted(value, 'query', 'queries'))).toEqual(['1 query', '2 queries']);
});
