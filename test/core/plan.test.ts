import { expect, it } from 'vitest';
import { inputTotals, type Slice } from '../../core/plan.js';

const slice = (uri: string, start: number, end: number): Slice => ({
  uri,
  etag: 'e',
  objectBytes: 100,
  start,
  end,
  bytes: end - start,
  estimatedRows: 1,
});

it('an object in several shards is counted once, with all of its bytes', () => {
  const shards = [
    { shard: 0, slices: [slice('s3://b/a', 0, 60)] },
    { shard: 1, slices: [slice('s3://b/a', 60, 100), slice('s3://b/c', 0, 7)] },
  ];
  expect(inputTotals(shards)).toEqual({ objects: 2, bytes: 107 });
  expect(inputTotals([])).toEqual({ objects: 0, bytes: 0 });
});
