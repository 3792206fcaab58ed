import { expect, it } from 'vitest';
import { parseDuplicatesKey, refKey, versionLayout } from '../../core/layout.js';

const layout = versionLayout('wiki', 'v2');

it('every file of a version lies below its prefix, and no two have the same key', () => {
  const keys = [
    layout.job,
    layout.plan,
    layout.manifest,
    layout.success,
    layout.probe,
    ...[0, 1].flatMap((shard) => [
      layout.scan(shard),
      layout.scanRejects(shard),
      layout.chunkParts(shard),
      layout.chunkPart(shard, 0, 4),
      layout.chunkPart(shard, 4, 8),
      layout.vectorPart(shard, 0, 4),
      layout.rejects(shard),
      layout.commit(shard),
    ]),
    ...[
      { from: 0, to: 2 },
      { from: 2, to: 4 },
    ].flatMap((group) => [
      layout.foldedIds(group, 0),
      layout.foldedIds(group, 1),
      layout.mergedIds(group, 0),
      layout.mergedIds(group, 1),
      layout.foldedRanges(group),
      layout.foldedCommits(group),
    ]),
    layout.duplicates(0, 128),
    layout.duplicates(128, 256),
  ];
  expect(new Set(keys).size).toBe(keys.length);
  for (const key of keys) expect(key.startsWith('wiki/versions/v2/')).toBe(true);
});

it('keys are as the storage layout says', () => {
  expect(layout.chunkPart(3, 0, 4096)).toBe(
    'wiki/versions/v2/chunks/00000003/part-0000000000-0000004096.parquet',
  );
  expect(layout.vectorPart(3, 0, 4096)).toBe(
    'wiki/versions/v2/vectors/00000003/part-0000000000-0000004096.parquet',
  );
  expect(layout.commit(3)).toBe('wiki/versions/v2/commits/00000003.json');
  expect(layout.foldedIds({ from: 0, to: 200 }, 1)).toBe('wiki/versions/v2/scan/00000000-00000200.1.ids');
  expect(layout.mergedIds({ from: 0, to: 3200 }, 1)).toBe(
    'wiki/versions/v2/scan/00000000-00003200.merged-1.ids',
  );
  expect(layout.foldedCommits({ from: 256, to: 300 })).toBe(
    'wiki/versions/v2/commits/00000256-00000300.json',
  );
  expect(refKey('wiki', 'current')).toBe('wiki/refs/current.json');
});

it('the range can be read from a duplicates key, and nothing is read from other keys', () => {
  expect(layout.duplicates(7, 256).startsWith(layout.duplicatesPrefix)).toBe(true);
  expect(parseDuplicatesKey(layout.duplicates(7, 256))).toEqual({ from: 7, to: 256 });
  expect(parseDuplicatesKey(layout.scan(0))).toBeUndefined();
});
