import { expect, it } from 'vitest';
import { describeCompaction } from '../../../cli/job/describe-compaction.js';

it('what a version moved is said in words', () => {
  const counts = { parts: 24, joined: 2, rows: 1200, bytes: 2_400_000 };
  expect(describeCompaction(counts)).toBe('24 parts joined to 2, with 1,200 rows in 2,400,000 bytes');
});
