import { describe, expect, it } from 'vitest';
import { shingleOverlap, shinglesOf } from '../../../core/mining/near-duplicate.js';

const overlap = (left: string, right: string) => shingleOverlap(shinglesOf(left), shinglesOf(right));
const TEXT = 'The mill by the river grinds the grain of nine villages into fine flour.';

describe('near-duplicate texts', () => {
  it('are those that differ in case, width, spaces and punctuation alone', () => {
    expect(overlap(TEXT, ` THE mill, by the river — grinds the grain of nine villages into fine flour`)).toBe(
      1,
    );
  });

  it('are near 1 where one word of many was changed, and near 0 for other texts', () => {
    expect(overlap(TEXT, TEXT.replace('nine', 'ten'))).toBeGreaterThanOrEqual(0.8);
    expect(
      overlap(TEXT, 'A vector has a direction and a length in a space of many dimensions.'),
    ).toBeLessThan(0.1);
  });

  it('are also texts of which one is a part of the other', () => {
    expect(overlap(TEXT, `Mills. ${TEXT} There is another one upstream.`)).toBe(1);
  });

  it('are compared by characters where a script has no spaces', () => {
    expect(overlap('磨坊把谷物变成面粉，河流推动水车。', '磨坊把谷物变成面粉，河流推动水车！')).toBe(1);
    expect(overlap('磨坊把谷物变成面粉。', '向量空间有很多维度。')).toBe(0);
  });

  it('without words are not like any text, not even themselves', () => {
    expect(overlap('…', '…')).toBe(0);
    expect(overlap('grain', 'grain')).toBe(1);
  });
});
