import { type ChunkedShard, decideCommit, type ShardCommit } from '../../core/commit.js';
import { VectormillError } from '../../core/errors.js';
import type { VectorPartFile } from '../../core/part.js';
import { createOnce, encodeJson } from '../version/create-once.js';
import type { OpenVersion } from '../version/open-version.js';
import { parseRecord, readJson } from '../version/read-json.js';
import { embedPart } from './embed-part.js';
import type { StepRun, StepTools } from './step-context.js';
import { throwIfStopped } from './stop.js';

/**
 * Embeds a chunked shard part by part, adopting the parts that are there, and commits it. The commit is create-once:
 * whichever attempt writes it first, the shard counts once.
 */
export async function embedShard(
  tools: StepTools,
  version: OpenVersion,
  shard: number,
  run: StepRun,
): Promise<ShardCommit> {
  const { store, layout } = version;
  const commitKey = layout.commit(shard);
  if (await store.head(commitKey)) return readJson<ShardCommit>(store, commitKey, 1);

  const chunked = await readJson<ChunkedShard>(store, layout.chunkParts(shard), 1);
  const vectorParts: VectorPartFile[] = [];
  let tokens = 0;
  for (const part of chunked.parts) {
    throwIfStopped(run.signal);
    const inPart = { rows: part.start, tokens };
    vectorParts.push(
      await embedPart(
        tools,
        version,
        { shard, chunkPart: part },
        {
          // A provider may let a part wait for minutes; a model of one's own finishes the part in hand.
          ...(version.job.spec.model.provider && { signal: run.signal }),
          onProgress: (done) => {
            inPart.rows += done.rows;
            inPart.tokens += done.tokens;
            run.onPosition({ stage: 'embed', shard, rowsTotal: chunked.chunks, ...inPart });
          },
        },
      ),
    );
    tokens += part.tokens;
    run.onPosition({ stage: 'embed', shard, rows: part.end, rowsTotal: chunked.chunks, tokens });
  }
  return commitShard(version, await commitOf(version, chunked, vectorParts, run.attempt));
}

async function commitOf(
  version: OpenVersion,
  chunked: ChunkedShard,
  vectorParts: readonly VectorPartFile[],
  attempt: string,
): Promise<ShardCommit> {
  const { shard, documents, chunks, tokens, truncated, rejects, rejectFile } = chunked;
  const { slices } = (await version.plan())[shard]!;
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
    vectorParts,
    rejectFile,
  };
}

/** Returns the commit that stands. Errors: COMMIT_CONFLICT when it lists other rows than mine. */
async function commitShard(version: OpenVersion, mine: ShardCommit): Promise<ShardCommit> {
  const key = version.layout.commit(mine.shard);
  const file = `${version.store.root}/${key}`;
  const { created, bytes } = await createOnce(version.store, key, encodeJson(mine));
  if (created) return mine;
  const standing = parseRecord<ShardCommit>(bytes, 1, file);
  if (decideCommit(mine, standing) === 'conflict') {
    throw new VectormillError('COMMIT_CONFLICT', `${file} commits other rows than this attempt computed`, {
      component: 'steps',
      file,
      remedy: 'Two jobs write to one version; stop one of them and give it a `version` of its own.',
    });
  }
  return standing;
}
