import type { ShardCommit } from '../../core/commit.js';
import { rowKey } from '../../core/ids.js';
import { versionLayout } from '../../core/layout.js';
import type { ChunkPartFile, VectorPartFile } from '../../core/part.js';

const layout = versionLayout('test', 'v1');

export function testVectorPart(shard: number, start: number, end: number): VectorPartFile {
  return {
    key: layout.vectorPart(shard, start, end),
    sha256: 'a'.repeat(64),
    bytes: 1000 * (end - start),
    start,
    end,
    firstKey: String(rowKey(shard, start)),
    lastKey: String(rowKey(shard, end - 1)),
    minNorm: 1,
    maxNorm: 1,
    nanCount: 0,
  };
}

function testChunkPart(shard: number, start: number, end: number): ChunkPartFile {
  const { minNorm: _min, maxNorm: _max, nanCount: _nan, ...file } = testVectorPart(shard, start, end);
  return {
    ...file,
    key: layout.chunkPart(shard, start, end),
    bytes: 100 * (end - start),
    tokens: 10 * (end - start),
  };
}

/** Returns a commit of a shard with `sizes.length` parts, which have this many rows each. */
export function testCommit(shard: number, sizes: readonly number[] = [4, 3]): ShardCommit {
  const chunks = sizes.reduce((sum, size) => sum + size, 0);
  const ranges = sizes.map((size, index) => {
    const start = sizes.slice(0, index).reduce((sum, before) => sum + before, 0);
    return { start, end: start + size };
  });
  return {
    formatVersion: 1,
    shard,
    attempt: 'run/activity/1',
    fingerprint: 'f'.repeat(64),
    inputs: [{ uri: 's3://bucket/a.jsonl', etag: 'e', start: shard * 10, end: shard * 10 + 10 }],
    documents: chunks,
    chunks,
    tokens: 10 * chunks,
    truncated: 1,
    rejects: { BAD_JSON: 1 },
    chunkParts: ranges.map(({ start, end }) => testChunkPart(shard, start, end)),
    vectorParts: ranges.map(({ start, end }) => testVectorPart(shard, start, end)),
    rejectFile: shard % 2 === 0 ? { key: layout.rejects(shard), sha256: 'b'.repeat(64), bytes: 5 } : null,
  };
}
