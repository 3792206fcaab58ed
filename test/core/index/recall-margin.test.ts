import { describe, expect, it } from 'vitest';
import { chanceMargin, meanOf } from '../../../core/index/recall-margin.js';
import { seededRandom } from '../../../core/seeded-random.js';

describe('the margin over a recall target', () => {
  it('is a hundredth where queries hardly differ, or where there is nothing to compare', () => {
    expect(chanceMargin([1, 1, 1, 1], 200)).toBe(0.01);
    expect(chanceMargin([0.5], 200)).toBe(0.01);
    expect(chanceMargin([0.5, 1], 0)).toBe(0.01);
  });

  it('lets about one mean in a hundred of other queries fall below the target', () => {
    const random = seededRandom(3, 0);
    const draw = (count: number) => Array.from({ length: count }, () => (random() < 0.3 ? 0.6 : 1));
    let fell = 0;
    for (let trial = 0; trial < 4000; trial += 1) {
      const tuning = draw(100);
      const target = meanOf(tuning) - chanceMargin(tuning, 200);
      if (meanOf(draw(200)) < target) fell += 1;
    }
    expect(fell / 4000).toBeGreaterThan(0.004);
    expect(fell / 4000).toBeLessThan(0.02);
  });
});
