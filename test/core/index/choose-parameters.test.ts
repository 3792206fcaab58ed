import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesPerRow, chooseParameters } from '../../../core/index/choose-parameters.js';
import { INDEX_PRECISIONS } from '../../../core/index/index-options.js';

const rows = { rows: 200_000, dimensions: 384, minNorm: 1, maxNorm: 1 };
const request = { metric: 'cosine', recallTarget: 0.95 } as const;

function chosen(...of: Parameters<typeof chooseParameters>) {
  const result = chooseParameters(...of);
  if ('refused' in result) throw new Error(result.refused);
  return result;
}

describe('the parameters of an index', () => {
  it('are exact search for few rows and a graph for many, and say why', () => {
    const few = chosen({ ...rows, rows: 20_000 }, request);
    expect(few).toMatchObject({ kind: 'exact', graphBytes: 0, reasons: [expect.stringContaining('20834')] });
    const many = chosen(rows, request);
    expect(many).toMatchObject({
      kind: 'hnsw',
      graph: { precision: 'int8', connectivity: 16, expansionAdd: 100 },
    });
    expect(many.reasons).toHaveLength(2);
  });

  it('never get smaller as the recall target rises', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.5, max: 1 }), fc.double({ min: 0.5, max: 1 }), (a, b) => {
        const [low, high] = [Math.min(a, b), Math.max(a, b)].map(
          (recallTarget) => chosen(rows, { ...request, recallTarget }).graph,
        );
        expect(high!.connectivity).toBeGreaterThanOrEqual(low!.connectivity);
        expect(high!.expansionAdd).toBeGreaterThanOrEqual(low!.expansionAdd);
      }),
    );
  });

  it('stay within the memory that is allowed, or are refused', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1e6, max: 1e9 }), (memoryBytes) => {
        const result = chooseParameters(rows, { ...request, memoryBytes });
        if (!('refused' in result)) expect(result.graphBytes).toBeLessThanOrEqual(memoryBytes);
        else expect(memoryBytes).toBeLessThan(rows.rows * bytesPerRow('binary', 384, 16));
      }),
    );
  });

  it('keep lengths where the metric depends on them and they differ', () => {
    const uneven = { ...rows, maxNorm: 3 };
    expect(chosen(uneven, { ...request, metric: 'dot' }).graph.precision).toBe('bfloat16');
    expect(chosen(uneven, request).graph.precision).toBe('int8');
    expect(chooseParameters(uneven, { ...request, metric: 'l2', precision: 'int8' })).toEqual({
      refused: expect.stringContaining('lengths from 1.000 to 3.000'),
    });
  });

  it('put 500,000 rows in a graph, or what takes 1 GiB', () => {
    expect(chosen(rows, request).shardRows).toBe(500_000);
    fc.assert(
      fc.property(
        fc.integer({ min: 8, max: 8192 }),
        fc.constantFrom(...INDEX_PRECISIONS),
        (dimensions, precision) => {
          const { shardRows } = chosen({ ...rows, rows: 1e8, dimensions }, { ...request, precision });
          expect(shardRows).toBeGreaterThan(10_000);
          expect(shardRows * bytesPerRow(precision, dimensions, 16)).toBeLessThanOrEqual(1024 ** 3);
        },
      ),
    );
  });

  it('refuse a graph that one file cannot hold', () => {
    const large = { ...rows, rows: 10_000_000 };
    expect(chooseParameters(large, { ...request, shardRows: 10_000_000 })).toEqual({
      refused: expect.stringContaining('a graph of 10000000 rows takes'),
    });
    // A graph with fewer rows than it may have is smaller.
    expect(chosen(rows, { ...request, shardRows: 10_000_000 }).shardRows).toBe(10_000_000);
  });

  it('expect as many bytes as usearch wrote for 20,000 rows of 384 dimensions and M 16', () => {
    const written = { int8: 10_648_716, bfloat16: 18_328_716, float32: 33_688_716, binary: 3_928_716 };
    for (const [precision, bytes] of Object.entries(written)) {
      const expected = 20_000 * bytesPerRow(precision as keyof typeof written, 384, 16);
      expect(Math.abs(expected / bytes - 1)).toBeLessThan(0.02);
    }
  });
});
