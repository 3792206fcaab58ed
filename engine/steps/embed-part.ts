import type { ChunkRow } from '../../core/chunk.js';
import { clippedIn } from '../../core/clipped-values.js';
import { vectorPrecisionOf } from '../../core/job-spec.js';
import type { ChunkPartFile, VectorPartFile } from '../../core/part.js';
import type { VectorEncoding } from '../../core/vector-precision.js';
import type { EmbedOptions } from '../model/embedder.js';
import { readChunkFile } from '../parquet/chunk-file.js';
import type { VectorRows } from '../parquet/vector-file.js';
import { assertStorable } from '../version/assert-storable.js';
import type { OpenVersion } from '../version/open-version.js';
import { readListedFile } from '../version/read-listed-file.js';
import { ensurePart } from './ensure-part.js';
import { gatherVectors } from './gather-vectors.js';
import type { StepTools } from './step-context.js';
import { describeVectorPart, type PartCounts, vectorPartBytes } from './vector-part.js';

/** The chunk part to embed, and where its vectors are written. */
export interface EmbedWork {
  shard: number;
  chunkPart: ChunkPartFile;
  /** The key under which the vectors are written. */
  key: string;
  /** The way in which their numbers are stored there. */
  encoding: VectorEncoding;
}

/** A part whose vectors are durable. */
export interface EmbeddedPart {
  part: VectorPartFile;
  rows: VectorRows;
  counts: PartCounts;
  /** Whether the part was found. */
  isAdopted: boolean;
}

/**
 * Gathers the vectors of one chunk part once. A part that exists is checked and adopted. Errors:
 * CHECKSUM_MISMATCH, PART_CONFLICT, those of `gatherVectors`.
 */
export async function embedPart(
  tools: StepTools,
  version: OpenVersion,
  work: EmbedWork,
  embedding: Pick<EmbedOptions, 'signal' | 'onProgress'>,
): Promise<EmbeddedPart> {
  const { shard, chunkPart, key, encoding } = work;
  const { start, end, firstKey, lastKey } = chunkPart;
  const file = `${version.store.root}/${chunkPart.key}`;
  const chunks = readChunkFile(await readListedFile(version.store, chunkPart), file).rows;
  const textSha256 = chunks.map((chunk) => chunk.textSha256);
  const expected = { key, start, end, firstKey, lastKey, textSha256, encoding };
  let isAdopted = true;
  const described = await ensurePart(
    tools,
    version,
    { stage: 'embed', shard, start, end, key },
    {
      compute: (turn) => {
        isAdopted = false;
        return embedChunks(tools, version, { ...work, chunks }, { ...embedding, turn });
      },
      describe: (bytes) => describeVectorPart(version, expected, bytes),
    },
  );
  return { ...described, isAdopted };
}

/** Gathers the vectors of a part's chunks, and returns the bytes of the part. */
async function embedChunks(
  tools: StepTools,
  version: OpenVersion,
  { shard, chunkPart, chunks, encoding }: EmbedWork & { chunks: readonly ChunkRow[] },
  embedding: Pick<EmbedOptions, 'signal' | 'turn' | 'onProgress'>,
): Promise<Uint8Array> {
  const { job } = version;
  const { billedTokens, reused, ...gathered } = await gatherVectors(
    tools,
    version,
    { chunks, encoding },
    embedding,
  );
  // Such vectors are refused before they are durable, because what was once written under a part's
  // name is never replaced.
  assertStorable(gathered.vectors, vectorPrecisionOf(job.spec), `${version.store.root}/${chunkPart.key}`);
  const { vectors, stored } = gathered;
  const clipped = encoding.ranges && clippedIn(vectors, encoding.ranges, (row) => stored?.has(row) ?? false);
  return vectorPartBytes(
    version,
    { shard, billedTokens, reused, clipped },
    {
      rowKeys: BigUint64Array.from(chunks, (chunk) => chunk.rowKey),
      chunkIds: chunks.map((chunk) => chunk.chunkId),
      docIds: chunks.map((chunk) => chunk.docId),
      textSha256: chunks.map((chunk) => chunk.textSha256),
      ...gathered,
    },
  );
}
