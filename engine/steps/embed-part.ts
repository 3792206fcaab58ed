import type { ChunkRow } from '../../core/chunk.js';
import { VectormillError } from '../../core/errors.js';
import type { ChunkPartFile, VectorPartFile } from '../../core/part.js';
import { sha256 } from '../hash.js';
import type { EmbedOptions } from '../model/embedder.js';
import { readChunkFile } from '../parquet/chunk-file.js';
import { readVectorFile, writeVectorFile } from '../parquet/vector-file.js';
import { createOnce } from '../version/create-once.js';
import type { OpenVersion } from '../version/open-version.js';
import { vectorStatistics } from '../version/vector-statistics.js';
import { partConflict } from './part-conflict.js';
import type { StepTools } from './step-context.js';

export interface EmbedWork {
  shard: number;
  chunkPart: ChunkPartFile;
}

/**
 * The vectors of one chunk part, computed once: a part that stands is checked and adopted.
 * Errors: CHECKSUM_MISMATCH, PART_CONFLICT, those of the embedder.
 */
export async function embedPart(
  tools: StepTools,
  version: OpenVersion,
  work: EmbedWork,
  embedding: Pick<EmbedOptions, 'signal' | 'onProgress'>,
): Promise<VectorPartFile> {
  const { store, layout, job } = version;
  const { start, end } = work.chunkPart;
  const key = layout.vectorPart(work.shard, start, end);
  const log = (event: 'part.started' | 'part.written' | 'part.adopted', ms?: number) =>
    tools.logPart({
      event,
      stage: 'embed',
      dataset: job.spec.dataset,
      version: job.spec.version,
      shard: work.shard,
      start,
      end,
      ...(ms === undefined ? {} : { ms: Math.round(ms) }),
    });
  const rows = await readChunks(version, work.chunkPart);
  if (await store.head(key)) {
    const adopted = describePart(version, { ...work, rows }, key, await store.get(key));
    log('part.adopted');
    return adopted;
  }
  const release = await tools.partGate.acquire();
  try {
    const startedAt = performance.now();
    log('part.started');
    const bytes = await computePart(tools, version, { ...work, rows }, embedding);
    const put = await createOnce(store, key, bytes);
    const part = describePart(version, { ...work, rows }, key, put.bytes);
    log(put.created ? 'part.written' : 'part.adopted', performance.now() - startedAt);
    return part;
  } finally {
    release();
  }
}

type RowsWork = EmbedWork & { rows: readonly ChunkRow[] };

async function readChunks({ store }: OpenVersion, chunkPart: ChunkPartFile): Promise<ChunkRow[]> {
  const file = `${store.root}/${chunkPart.key}`;
  const bytes = await store.get(chunkPart.key);
  if (sha256(bytes) === chunkPart.sha256) return readChunkFile(bytes, file).rows;
  throw new VectormillError('CHECKSUM_MISMATCH', `${file} is not the file that was written`, {
    component: 'steps',
    file,
    remedy: 'Restore the file, or give the job a new `version`.',
  });
}

async function computePart(
  tools: StepTools,
  { job }: OpenVersion,
  { shard, chunkPart, rows }: RowsWork,
  embedding: Pick<EmbedOptions, 'signal' | 'onProgress'>,
): Promise<Uint8Array> {
  const texts = rows.map((row) => row.text);
  const { vectors, billedTokens } = await tools.withEmbedder(job, (embedder) =>
    embedder.embed(texts, { prompt: 'document', ...embedding }),
  );
  const { nanCount } = vectorStatistics(vectors, job.signature.dimensions);
  if (nanCount > 0) {
    // Refused before it is durable: what is once written under a part's name is never replaced.
    throw new VectormillError('VECTOR_INVALID', `the model gave ${nanCount} values that are not finite`, {
      component: 'steps',
      file: chunkPart.key,
      remedy: 'Check the model folder with `vectormill model show`; its weights or graph may be damaged.',
    });
  }
  return writeVectorFile(
    {
      rowKeys: BigUint64Array.from(rows, (row) => row.rowKey),
      chunkIds: rows.map((row) => row.chunkId),
      docIds: rows.map((row) => row.docId),
      textSha256: rows.map((row) => row.textSha256),
      vectors,
      dimensions: job.signature.dimensions,
    },
    {
      fingerprint: job.fingerprint,
      dataset: job.spec.dataset,
      version: job.spec.version,
      shard: String(shard),
      ...(billedTokens === undefined ? {} : { billed_tokens: String(billedTokens) }),
    },
  );
}

/** What a commit says of a vector file. Errors: PART_CONFLICT for rows, texts or a fingerprint that are not this part's. */
function describePart(
  version: OpenVersion,
  { chunkPart, rows }: RowsWork,
  key: string,
  bytes: Uint8Array,
): VectorPartFile {
  const file = `${version.store.root}/${key}`;
  const { rowKeys, textSha256, vectors, dimensions, footer } = readVectorFile(bytes, file);
  const { start, end, firstKey, lastKey } = chunkPart;
  if (footer.fingerprint !== version.job.fingerprint) throw partConflict(file, 'was made by another model');
  if (rowKeys.length !== end - start || `${rowKeys[0]}` !== firstKey || `${rowKeys.at(-1)}` !== lastKey) {
    throw partConflict(file, 'does not hold the rows that its name says');
  }
  if (rows.some((row, index) => row.textSha256 !== textSha256[index])) {
    throw partConflict(file, 'holds the vectors of other texts');
  }
  const statistics = vectorStatistics(vectors, dimensions);
  if (statistics.nanCount > 0) throw partConflict(file, 'holds values that are not finite');
  const part = {
    key,
    sha256: sha256(bytes),
    bytes: bytes.length,
    start,
    end,
    firstKey,
    lastKey,
    ...statistics,
  };
  const { billed_tokens: billed } = footer;
  if (billed === undefined) return part;
  if (!/^\d+$/.test(billed)) throw partConflict(file, 'does not say what it cost');
  return { ...part, billedTokens: Number(billed) };
}
