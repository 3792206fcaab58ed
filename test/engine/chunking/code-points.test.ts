import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CodePointCounter } from '../../../engine/chunking/code-points.js';

describe('counting code points', () => {
  it('agrees with counting from the start, for every offset on a code point', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const counter = new CodePointCounter(text);
        let unit = 0;
        for (const [codePoints, character] of [...text].entries()) {
          expect(counter.at(unit)).toBe(codePoints);
          unit += character.length;
        }
        expect(counter.at(text.length)).toBe([...text].length);
      }),
      { seed: 3 },
    );
  });

  it('counts half of a surrogate pair as one', () => {
    const counter = new CodePointCounter('\ud83d\ud83d\ude00\ude00x');
    expect([1, 3, 4, 5].map((unit) => counter.at(unit))).toEqual([1, 2, 3, 4]);
  });

  it('may be asked twice for the same offset but not for an earlier one', () => {
    const counter = new CodePointCounter('😀😀');
    expect([counter.at(2), counter.at(2)]).toEqual([1, 1]);
    expect(() => counter.at(0)).toThrow(RangeError);
  });
});
