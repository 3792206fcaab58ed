import fc from 'fast-check';
import { expect, it } from 'vitest';
import { addCommit, manifestFields, NO_COMMITS } from '../../core/manifest.js';
import { testCommit } from '../support/test-commit.js';
import { testJob } from '../support/test-job.js';

const job = testJob('/corpora/test');
const timings = { startedAt: 1, finishedAt: 2 };
const probe = { texts: ['a'], vectors: [[1]] };
const vectors = { precision: 'int8' as const, ranges: { min: [0], max: [1] } };

it('a manifest counts what the commits count', () => {
  const sizes = fc.array(fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 4 }), { maxLength: 6 });
  fc.assert(
    fc.property(sizes, (shards) => {
      const commits = shards.map((parts, shard) => testCommit(shard, parts));
      const manifest = manifestFields({
        job,
        commits: commits.reduce(addCommit, NO_COMMITS),
        input: { objects: 3, bytes: 99 },
        vectors,
        probe,
        timings,
      });
      const rows = shards.flat().reduce((sum, size) => sum + size, 0);
      const rejectFiles = commits.filter(({ rejectFile }) => rejectFile !== null);
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
    }),
  );
});

it('a manifest carries what fixes the vector space, how it is stored, and when it was made', () => {
  const manifest = manifestFields({
    job,
    commits: NO_COMMITS,
    input: { objects: 0, bytes: 0 },
    vectors,
    probe,
    timings,
  });
  expect(manifest).toMatchObject({
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
