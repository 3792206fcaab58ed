import fc from 'fast-check';
import { expect, it } from 'vitest';
import { buildManifest } from '../../core/manifest.js';
import { testCommit } from '../support/test-commit.js';
import { testJob } from '../support/test-job.js';

const job = testJob('/corpora/test');
const timings = { startedAt: 1, finishedAt: 2 };
const probe = { texts: ['a'], vectors: [[1]] };
const vectors = { precision: 'int8' as const, ranges: { min: [0], max: [1] } };

it('a manifest lists exactly what the commits list, in shard order, and counts it', () => {
  const sizes = fc.array(fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 4 }), { maxLength: 6 });
  fc.assert(
    fc.property(sizes, (shards) => {
      const commits = shards.map((parts, shard) => testCommit(shard, parts));
      const manifest = buildManifest({
        job,
        commits,
        input: { objects: 3, bytes: 99 },
        vectors,
        probe,
        timings,
      });
      const rows = shards.flat().reduce((sum, size) => sum + size, 0);
      const rejectFiles = commits.filter(({ rejectFile }) => rejectFile !== null);
      expect(manifest.chunkFiles).toEqual(commits.flatMap(({ chunkParts }) => chunkParts));
      expect(manifest.vectorFiles).toEqual(commits.flatMap(({ vectorParts }) => vectorParts));
      expect(manifest.rejectFiles).toEqual(rejectFiles.map(({ rejectFile }) => rejectFile));
      expect(manifest.rejects).toEqual(shards.length === 0 ? {} : { BAD_JSON: shards.length });
      expect(manifest.totals).toEqual({
        inputObjects: 3,
        inputBytes: 99,
        shards: shards.length,
        documents: rows,
        chunks: rows,
        truncatedChunks: shards.length,
        tokens: 10 * rows,
        outputBytes: 1100 * rows + 5 * rejectFiles.length,
      });
      const keys = manifest.vectorFiles.map(({ firstKey }) => BigInt(firstKey));
      expect(keys.every((key, index) => index === 0 || key > keys[index - 1]!)).toBe(true);
    }),
  );
});

it('a manifest carries what fixes the vector space, how it is stored, and when it was made', () => {
  const manifest = buildManifest({
    job,
    commits: [],
    input: { objects: 0, bytes: 0 },
    vectors,
    probe,
    timings,
  });
  expect(manifest).toMatchObject({
    formatVersion: 1,
    dataset: 'test',
    version: 'v1',
    parent: null,
    signature: job.signature,
    fingerprint: job.fingerprint,
    chunking: job.spec.chunking,
    vectors,
    probe,
    timings,
  });
});
