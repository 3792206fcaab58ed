import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addShardTotals, NO_SHARD_TOTALS, ratesOver, type ShardTotals } from '../../core/progress.js';

describe('ratesOver', () => {
  it('divides what was done by the seconds it took', () => {
    const rates = ratesOver([
      { at: 1000, chunks: 10, tokens: 100, fraction: 0.2 },
      { at: 2000, chunks: 11, tokens: 101, fraction: 0.3 },
      { at: 3000, chunks: 50, tokens: 900, fraction: 0.6 },
    ]);
    expect(rates.chunksPerSecond).toBe(20);
    expect(rates.tokensPerSecond).toBe(400);
    expect(rates.etaMs).toBeCloseTo(2000, 6);
  });

  it.each([
    ['no sample', []],
    ['one sample', [{ at: 5, chunks: 1, tokens: 1, fraction: 0.1 }]],
    [
      'two samples of one moment',
      [
        { at: 5, chunks: 1, tokens: 1, fraction: 0.1 },
        { at: 5, chunks: 9, tokens: 9, fraction: 0.9 },
      ],
    ],
  ])('gives no rates from %s', (_, samples) => {
    expect(ratesOver(samples)).toEqual({ chunksPerSecond: 0, tokensPerSecond: 0, etaMs: undefined });
  });

  it('gives no ETA while nothing moves, and no negative rate after a restart', () => {
    const rates = ratesOver([
      { at: 0, chunks: 10, tokens: 100, fraction: 0.5 },
      { at: 1000, chunks: 4, tokens: 40, fraction: 0.5 },
    ]);
    expect(rates).toEqual({ chunksPerSecond: 0, tokensPerSecond: 0, etaMs: undefined });
  });

  it('is never negative and never NaN', () => {
    const sample = fc.record({
      at: fc.nat(1e6),
      chunks: fc.nat(1e6),
      tokens: fc.nat(1e9),
      fraction: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(sample, { maxLength: 5 }), (samples) => {
        const { chunksPerSecond, tokensPerSecond, etaMs } = ratesOver(samples);
        for (const rate of [chunksPerSecond, tokensPerSecond, etaMs ?? 0])
          expect(rate).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});

describe('addTotals', () => {
  it('adds every number, and NO_TOTALS is its zero', () => {
    const one: ShardTotals = {
      shards: 1,
      bytes: 2,
      documents: 3,
      chunks: 4,
      tokens: 5,
      rejects: { BAD_JSON: 6 },
    };
    expect(addShardTotals(one, NO_SHARD_TOTALS)).toEqual(one);
    expect(addShardTotals(NO_SHARD_TOTALS, one)).toEqual(one);
    expect(addShardTotals(one, one)).toEqual({
      shards: 2,
      bytes: 4,
      documents: 6,
      chunks: 8,
      tokens: 10,
      rejects: { BAD_JSON: 12 },
    });
  });
});
