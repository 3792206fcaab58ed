import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { InputObject, Slice } from '../../core/plan.js';
import { planShards } from '../../core/plan-shards.js';

const object = fc.record({
  bytes: fc.integer({ min: 1, max: 5000 }),
  etag: fc.constant('"e"'),
  bytesPerRow: fc.integer({ min: 1, max: 100 }),
  divisible: fc.oneof(
    fc.constant({ unit: 'byte' } as const),
    fc.constant({ unit: 'object' } as const),
    fc.record({
      unit: fc.constant('row-group' as const),
      groups: fc.array(fc.record({ bytes: fc.integer({ min: 1, max: 900 }), rows: fc.nat(50) })),
    }),
  ),
});
const corpus: fc.Arbitrary<InputObject[]> = fc
  .array(object, { maxLength: 40 })
  .map((objects) => objects.map((item, index) => ({ ...item, uri: `s3://b/${(index * 7919) % 1000}` })));
const options = fc.record({
  shardBytes: fc.integer({ min: 1, max: 3000 }),
  maxSlices: fc.integer({ min: 1, max: 9 }),
});

function slicesOf(objects: readonly InputObject[], settings: { shardBytes: number; maxSlices?: number }) {
  return planShards(objects, settings).flatMap((shard) => shard.slices);
}

it('every byte or row group of every object is in exactly one slice', () => {
  fc.assert(
    fc.property(corpus, options, (objects, settings) => {
      const slices = slicesOf(objects, settings);
      for (const { uri, bytes, divisible } of objects) {
        const own = slices.filter((slice) => slice.uri === uri);
        const units = divisible.unit === 'row-group' ? divisible.groups.length : bytes;
        let next = 0;
        for (const slice of own) {
          expect(slice.start).toBe(next);
          expect(slice.end).toBeGreaterThan(slice.start);
          next = slice.end;
        }
        expect(next).toBe(units);
      }
      expect(slices.every((slice) => objects.some(({ uri }) => uri === slice.uri))).toBe(true);
    }),
  );
});

it('slices are in the order of URIs and places, and shards are numbered without gaps from 0', () => {
  fc.assert(
    fc.property(corpus, options, (objects, settings) => {
      const shards = planShards(objects, settings);
      expect(shards.map(({ shard }) => shard)).toEqual(shards.map((_, index) => index));
      const slices = shards.flatMap((shard) => shard.slices);
      const sorted = [...slices].sort((a, b) => (a.uri < b.uri ? -1 : a.uri > b.uri ? 1 : a.start - b.start));
      expect(slices).toEqual(sorted);
    }),
  );
});

it('a shard has more than its bytes only where one slice cannot be cut, and never more than its slices', () => {
  fc.assert(
    fc.property(corpus, options, (objects, settings) => {
      for (const { slices } of planShards(objects, settings)) {
        expect(slices.length).toBeGreaterThan(0);
        expect(slices.length).toBeLessThanOrEqual(settings.maxSlices);
        const bytes = slices.reduce((sum, slice) => sum + slice.bytes, 0);
        if (slices.length > 1) expect(bytes).toBeLessThanOrEqual(settings.shardBytes);
        else if (bytes > settings.shardBytes) expect(isAtomic(slices[0]!, objects)).toBe(true);
      }
    }),
  );
});

function isAtomic(slice: Slice, objects: readonly InputObject[]): boolean {
  const { divisible } = objects.find(({ uri }) => uri === slice.uri)!;
  return divisible.unit === 'object' || (divisible.unit === 'row-group' && slice.end === slice.start + 1);
}

it('the plan does not depend on the order in which objects are listed', () => {
  fc.assert(
    fc.property(corpus, options, (objects, settings) => {
      expect(planShards([...objects].reverse(), settings)).toEqual(planShards(objects, settings));
    }),
  );
});

it('runs of small neighbours share a shard, and a large object is cut into equal pieces', () => {
  const small = { etag: '"e"', bytesPerRow: 10, divisible: { unit: 'object' } as const };
  const shards = planShards(
    [
      { ...small, uri: 's3://b/1', bytes: 40 },
      { ...small, uri: 's3://b/2', bytes: 60 },
      { ...small, uri: 's3://b/3', bytes: 1, divisible: { unit: 'byte' } },
      { ...small, uri: 's3://b/4', bytes: 250, divisible: { unit: 'byte' } },
    ],
    { shardBytes: 100 },
  );
  expect(shards.map(({ slices }) => slices.map(({ uri, start, end }) => [uri.at(-1), start, end]))).toEqual([
    [
      ['1', 0, 40],
      ['2', 0, 60],
    ],
    [
      ['3', 0, 1],
      ['4', 0, 83],
    ],
    [['4', 83, 166]],
    [['4', 166, 250]],
  ]);
  expect(shards[2]!.slices[0]!.estimatedRows).toBe(8);
});

it('100,000 objects make a plan that covers them all', () => {
  const objects = Array.from({ length: 100_000 }, (_, index) => ({
    uri: `s3://bucket/part-${String(index).padStart(6, '0')}.md`,
    etag: '"e"',
    bytes: 4096,
    bytesPerRow: 4096,
    divisible: { unit: 'object' } as const,
  }));
  const shards = planShards(objects, { shardBytes: 64 * 1024 * 1024 });
  expect(shards).toHaveLength(100);
  expect(shards.reduce((sum, { slices }) => sum + slices.length, 0)).toBe(100_000);
});
