import { type ChunkedShard, decideCommit, type ShardCommit } from '../../core/commit.js';
import { VectormillError } from '../../core/errors.js';
import type { VectorPartFile } from '../../core/part.js';
import { shardOf } from '../../core/plan.js';
import { createOnce, encodeJson } from '../version/create-once.js';
import type { OpenVersion } from '../version/open-version.js';
import { parseRecord } from '../version/read-json-record.js';
import type { PartCounts } from './vector-part.js';

/** The vector files of a shard, and what their footers count together. */
interface CommittedVectors extends PartCounts {
  parts: readonly VectorPartFile[];
}

/**
 * Commits a shard's vector parts, create-once: whichever attempt writes the commit first, the shard
 * counts once. Returns the commit that is stored. Errors: COMMIT_CONFLICT if it lists other rows
 * than this attempt's.
 */
export async function commitShard(
  version: OpenVersion,
  chunked: ChunkedShard,
  embedded: CommittedVectors,
  attempt: string,
): Promise<ShardCommit> {
  const mine = await commitOf(version, chunked, embedded, attempt);
  const key = version.layout.commit(mine.shard);
  const file = `${version.store.root}/${key}`;
  const { created, bytes } = await createOnce(version.store, key, encodeJson(mine));
  if (created) return mine;
  const existing = parseRecord<ShardCommit>(bytes, 1, file);
  if (decideCommit(mine, existing) === 'conflict') {
    throw new VectormillError('COMMIT_CONFLICT', `${file} commits other rows than this attempt computed`, {
      component: 'steps',
      file,
      remedy: 'Two jobs write to one version; stop one of them and give it a `version` of its own.',
    });
  }
  return existing;
}

async function commitOf(
  version: OpenVersion,
  chunked: ChunkedShard,
  { parts, reused, clipped }: CommittedVectors,
  attempt: string,
): Promise<ShardCommit> {
  const { shard, documents, chunks, tokens, truncated, rejects, rejectFile, corpus } = chunked;
  const { slices } = shardOf(await version.plan(), shard);
  return {
    formatVersion: 1,
    shard,
    attempt,
    fingerprint: version.job.fingerprint,
    inputs: slices.map(({ uri, etag, start, end }) => ({ uri, etag, start, end })),
    documents,
    chunks,
    tokens,
    truncated,
    rejects,
    chunkParts: chunked.parts,
    vectorParts: parts,
    rejectFile,
    ...(reused && { reused }),
    ...(clipped && { clipped }),
    ...(corpus && { corpus }),
  };
}
