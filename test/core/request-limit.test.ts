import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { perMinute, type RateWindow, RequestLimit } from '../../core/request-limit.js';

interface Asked {
  /** Milliseconds after the request before. */
  after: number;
  tokens: number;
}

const asked = fc.array(fc.record({ after: fc.nat(20_000), tokens: fc.integer({ min: 1, max: 500 }) }), {
  maxLength: 60,
});
const rules = fc
  .record({ requests: fc.integer({ min: 1, max: 40 }), tokens: fc.integer({ min: 1, max: 1500 }) })
  .map(({ requests, tokens }) => [...perMinute('requests', requests), ...perMinute('tokens', tokens)]);

/**
 * Returns the times at which requests begin, from the view of a client that asks for the next one
 * without waiting for the last.
 */
function times(windows: readonly RateWindow[], requests: readonly Asked[]): number[] {
  const limit = new RequestLimit(windows);
  let now = 0;
  return requests.map(({ after, tokens }) => {
    now += after;
    return limit.reserve(now, tokens);
  });
}

describe('a limit on requests and tokens', () => {
  test('is not exceeded in any window, wherever it begins or ends, except by one request alone', () => {
    fc.assert(
      fc.property(rules, asked, (windows, requests) => {
        const at = times(windows, requests);
        for (const { counts, limit, ms } of windows) {
          for (const [first, from] of at.entries()) {
            const within = requests.filter((_, i) => i >= first && at[i]! < from + ms);
            const total = within.reduce((sum, { tokens }) => sum + (counts === 'requests' ? 1 : tokens), 0);
            expect(within.length === 1 || total <= limit).toBe(true);
          }
        }
      }),
    );
  });

  test('keeps the order in which requests ask, and begins none before it asked', () => {
    fc.assert(
      fc.property(rules, asked, (windows, requests) => {
        let now = 0;
        let before = 0;
        for (const [i, at] of times(windows, requests).entries()) {
          now += requests[i]!.after;
          expect(at).toBeGreaterThanOrEqual(Math.max(now, before));
          before = at;
        }
      }),
    );
  });

  test('makes no request wait for more than a minute after the one before it, however large it is', () => {
    fc.assert(
      fc.property(rules, asked, (windows, requests) => {
        let now = 0;
        let before = 0;
        for (const [i, at] of times(windows, requests).entries()) {
          now += requests[i]!.after;
          expect(at - Math.max(now, before)).toBeLessThanOrEqual(60_000);
          before = at;
        }
      }),
    );
  });

  test('lets through in ten minutes as much as ten limits allow', () => {
    const requests = times(perMinute('requests', 15), Array(150).fill({ after: 0, tokens: 1 }));
    expect(requests.at(-1)).toBeLessThan(10 * 60_000);
    const tokens = times(perMinute('tokens', 1000), Array(100).fill({ after: 0, tokens: 100 }));
    expect(tokens.at(-1)).toBeLessThan(10 * 60_000);
  });

  test('spreads the requests over the minute', () => {
    expect(times(perMinute('requests', 20), Array(5).fill({ after: 0, tokens: 1 }))).toEqual([
      0, 0, 6000, 6000, 12_000,
    ]);
  });

  test('without windows lets every request begin at once', () => {
    expect(times([], Array(3).fill({ after: 5, tokens: 1_000_000 }))).toEqual([5, 10, 15]);
  });

  test('holds requests that have no time yet until the given time', () => {
    const limit = new RequestLimit([]);
    limit.holdUntil(500);
    expect([limit.reserve(100, 1), limit.reserve(700, 1)]).toEqual([500, 700]);
  });
});
