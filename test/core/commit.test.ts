import { describe, expect, it } from 'vitest';
import { decideCommit, type ShardCommit } from '../../core/commit.js';
import { testCommit, testVectorPart } from '../support/test-commit.js';

const mine = testCommit(0);

describe('decideCommit', () => {
  it('knows its own commit whose response was lost', () => {
    expect(decideCommit(mine, structuredClone(mine))).toBe('mine');
  });

  it("adopts another attempt's commit of the same rows, though its vector files have other bytes", () => {
    const vectorParts = mine.vectorParts.map((part) => ({ ...part, sha256: 'e'.repeat(64), bytes: 7 }));
    expect(decideCommit(mine, { ...mine, attempt: 'other', vectorParts })).toBe('adopted');
  });

  const contradictions: [string, Partial<ShardCommit>][] = [
    ['another shard', { shard: 1 }],
    ['another model', { fingerprint: 'other' }],
    ['another number of documents', { documents: 99 }],
    ['another number of chunks', { chunks: 99 }],
    ['another state of the input', { inputs: [{ ...mine.inputs[0]!, etag: 'other' }] }],
    ['another range of the input', { inputs: [{ ...mine.inputs[0]!, end: 99 }] }],
    ['more input', { inputs: [...mine.inputs, mine.inputs[0]!] }],
    ['other parts', { vectorParts: [testVectorPart(0, 0, 7)] }],
    ['fewer parts', { vectorParts: [] }],
  ];

  it.each(contradictions)('sees a conflict in a commit of %s', (_, difference) => {
    expect(decideCommit(mine, { ...mine, attempt: 'other', ...difference })).toBe('conflict');
  });
});
