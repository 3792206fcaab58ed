import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeCompilation, secondsLeft } from '../../../infra/dev-stack/compile-progress.js';

const usual = { expectedPackages: 1000, usualSeconds: 480 };

describe('what is left of a compilation', () => {
  it('is the usual time as long as nothing is compiled', () => {
    expect(secondsLeft({ ...usual, seconds: 0, packages: 0 })).toBe(480);
    expect(secondsLeft({ ...usual, seconds: 30, packages: 0 })).toBe(450);
  });

  it('is computed from its own speed once a fair share is compiled, with time for linking', () => {
    // Half of the packages take 45% of the time.
    expect(secondsLeft({ ...usual, seconds: 90, packages: 500 })).toBe(110);
    expect(secondsLeft({ ...usual, seconds: 900, packages: 500 })).toBe(1100);
    expect(secondsLeft({ ...usual, seconds: 90, packages: 1000 })).toBe(10);
  });

  it('is at least a second, however late it is and however many packages there are', () => {
    const state = fc.record({
      seconds: fc.double({ min: 0, max: 1e5, noNaN: true }),
      packages: fc.nat(5000),
      expectedPackages: fc.integer({ min: 1, max: 2000 }),
      usualSeconds: fc.integer({ min: 1, max: 3600 }),
    });
    fc.assert(
      fc.property(state, (compilation) => {
        const left = secondsLeft(compilation);
        expect(Number.isInteger(left) && left >= 1).toBe(true);
      }),
    );
  });

  it('is printed beside what is done', () => {
    expect(describeCompilation({ ...usual, expectedPackages: 1298, seconds: 125, packages: 0 })).toBe(
      '0 of about 1,298 packages, 2m 05s so far, about 5m 55s left',
    );
    expect(describeCompilation({ ...usual, seconds: 59.4, packages: 1000 })).toBe(
      'linking, 59s so far, about 7s left',
    );
  });
});
