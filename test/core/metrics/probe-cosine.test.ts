import { expect, it } from 'vitest';
import { probeCosine } from '../../../core/metrics/probe-cosine.js';

// A static model of few words gives zeros for a text of which it knows no word.
it.each([
  ['the same vectors', [0.6, 0.8], [0.6, 0.8], 1],
  ['opposite vectors', [0.6, 0.8], [-0.6, -0.8], -1],
  ['zeros and zeros', [0, 0], [0, 0], 1],
  ['zeros and minus zeros', [0, 0], [-0, -0], 1],
  ['zeros and a vector', [0, 0], [0.6, 0.8], 0],
  ['a vector and zeros', [0.6, 0.8], [0, 0], 0],
])('a probe of %s agrees by its cosine', (_, expected, computed, agreement) => {
  expect(probeCosine(expected, Float32Array.from(computed))).toBeCloseTo(agreement, 6);
});

it('a probe with a value that is not a number agrees with nothing', () => {
  expect(probeCosine([Number.NaN, 1], Float32Array.from([1, 0]))).toBeNaN();
});
