import type { ChunkedShard, EmbeddedShard, ShardCommit } from '../../core/commit.js';
import type { VectorPartFile } from '../../core/part.js';
import type { VectorEncoding } from '../../core/vector-precision.js';
import { throwIfStopped } from '../concurrency/stop.js';
import { readVectorFile } from '../parquet/vector-file.js';
import type { OpenVersion } from '../version/open-version.js';
import { readJsonRecord } from '../version/read-json-record.js';
import { readListedFile } from '../version/read-listed-file.js';
import { versionEncoding } from '../version/version-encoding.js';
import { commitShard } from './commit-shard.js';
import { ensurePart } from './ensure-part.js';
import { orFinishedMeanwhile } from './finished-meanwhile.js';
import type { StepRun, StepTools } from './step-context.js';
import { describeVectorPart, vectorPartBytes } from './vector-part.js';

/**
 * Stores a shard's float32 parts by the version's ranges, part by part, and commits it. It needs no
 * model. Errors: CHECKSUM_MISMATCH, PART_CONFLICT, COMMIT_CONFLICT.
 */
export async function quantiseShard(
  tools: StepTools,
  version: OpenVersion,
  shard: number,
  run: StepRun,
): Promise<ShardCommit> {
  const { store, layout } = version;
  const commitKey = layout.commit(shard);
  const readExisting = () => readJsonRecord<ShardCommit>(store, commitKey, 1);
  if (await store.head(commitKey)) return readExisting();
  return orFinishedMeanwhile(version, () => quantiseParts(tools, version, shard, run), readExisting);
}

async function quantiseParts(
  tools: StepTools,
  version: OpenVersion,
  shard: number,
  run: StepRun,
): Promise<ShardCommit> {
  const { store, layout } = version;
  const chunked = await readJsonRecord<ChunkedShard>(store, layout.chunkParts(shard), 1);
  const { parts, reused } = await readJsonRecord<EmbeddedShard>(store, layout.float32Parts(shard), 1);
  const encoding = await versionEncoding(version);
  const vectorParts: VectorPartFile[] = [];
  let tokens = 0;
  for (const [index, part] of parts.entries()) {
    throwIfStopped(run.signal);
    vectorParts.push(await quantisePart(tools, version, { shard, part, encoding }));
    tokens += chunked.parts[index]?.tokens ?? 0;
    run.onPosition({ stage: 'quantise', shard, rows: part.end, rowsTotal: chunked.chunks, tokens });
  }
  return commitShard(version, chunked, { parts: vectorParts, reused }, run.attempt);
}

async function quantisePart(
  tools: StepTools,
  version: OpenVersion,
  { shard, part, encoding }: { shard: number; part: VectorPartFile; encoding: VectorEncoding },
): Promise<VectorPartFile> {
  const { start, end, firstKey, lastKey, billedTokens } = part;
  const key = version.layout.vectorPart(shard, start, end);
  const rows = readVectorFile(await readListedFile(version.store, part), `${version.store.root}/${part.key}`);
  const expected = { key, start, end, firstKey, lastKey, textSha256: rows.textSha256, encoding };
  return ensurePart(
    tools,
    version,
    { stage: 'quantise', shard, start, end, key },
    {
      compute: async (turn) => {
        await turn;
        return vectorPartBytes(version, { shard, billedTokens }, { ...rows, encoding });
      },
      describe: (bytes) => describeVectorPart(version, expected, bytes).part,
    },
  );
}
