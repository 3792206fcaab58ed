import type { ChunkedShard, EmbeddedShard, ShardCommit } from '../../core/commit.js';
import { vectorPrecisionOf } from '../../core/job-spec.js';
import type { ChunkPartFile, VectorPartFile } from '../../core/part.js';
import type { ActivityPosition, EmbeddedCounts } from '../../core/progress.js';
import { mergeRanges, rangesOf, type ValueRanges } from '../../core/value-ranges.js';
import { needsRanges, type VectorEncoding } from '../../core/vector-precision.js';
import { throwIfStopped } from '../concurrency/stop.js';
import { createOnce, encodeJson } from '../version/create-once.js';
import type { OpenVersion } from '../version/open-version.js';
import { parseRecord, readJsonRecord } from '../version/read-json-record.js';
import { carriedRanges } from './carry/carried-ranges.js';
import { commitShard } from './commit-shard.js';
import { type EmbeddedPart, type EmbedWork, embedPart } from './embed-part.js';
import type { StepRun, StepTools } from './step-context.js';
import { addPartCounts, type PartCounts } from './vector-part.js';

/** The counts of a shard's embedding, whether or not its commit has already been written. */
export interface EmbeddedTotals extends Pick<ShardCommit, 'documents' | 'chunks' | 'tokens' | 'rejects'> {
  /** The chunks and tokens whose vectors existed before the first attempt. */
  adopted: EmbeddedCounts;
}

/**
 * Embeds a chunked shard part by part and adopts the parts that exist. If it is known how numbers
 * are stored, the shard is then committed. If that needs the ranges of all rows of the version, the
 * shard's float32 parts and their own ranges are listed instead. Commit and list are create-once.
 */
export async function embedShard(
  tools: StepTools,
  version: OpenVersion,
  shard: number,
  run: StepRun,
): Promise<EmbeddedTotals> {
  const { store, layout } = version;
  const commitKey = layout.commit(shard);
  const adopted = new AdoptedParts(run.before);
  if (await store.head(commitKey)) {
    const commit = await readJsonRecord<ShardCommit>(store, commitKey, 1);
    adopted.add(commit);
    return { ...commit, adopted: adopted.counts };
  }
  const chunked = await readJsonRecord<ChunkedShard>(store, layout.chunkParts(shard), 1);
  const encoding = await encodingBeforeEmbedding(version);
  if (!encoding) {
    await embedForRanges(tools, version, { chunked, adopted }, run);
    return { ...chunked, adopted: adopted.counts };
  }
  const vectorParts: VectorPartFile[] = [];
  let counts: PartCounts = {};
  const place = ({ start, end }: ChunkPartFile) => ({
    key: layout.vectorPart(shard, start, end),
    encoding,
  });
  for await (const embedded of embedParts(tools, version, { chunked, adopted, place }, run)) {
    vectorParts.push(embedded.part);
    counts = addPartCounts(counts, embedded.counts);
  }
  const commit = await commitShard(version, chunked, { parts: vectorParts, ...counts }, run.attempt);
  return { ...commit, adopted: adopted.counts };
}

/**
 * Returns how the version stores its vectors, where that is known before they are computed: ranges
 * are known only of a version that carries rows over.
 */
async function encodingBeforeEmbedding(version: OpenVersion): Promise<VectorEncoding | undefined> {
  const precision = vectorPrecisionOf(version.job.spec);
  if (!needsRanges(precision)) return { precision };
  const ranges = await carriedRanges(version);
  return ranges && { precision, ranges };
}

/**
 * Counts the parts that were found embedded. They come before those that are computed, because
 * parts are taken in their order.
 */
class AdoptedParts {
  counts: EmbeddedCounts;
  /**
   * An attempt that had begun to compute knew what existed before it. The next attempt also finds
   * the parts of that attempt, which must not be counted.
   */
  readonly #isKnown: boolean;

  constructor(before: ActivityPosition | undefined) {
    this.#isKnown = before?.adopted !== undefined && before.rows > before.adopted.chunks;
    this.counts = (this.#isKnown && before?.adopted) || { chunks: 0, tokens: 0 };
  }

  add({ chunks, tokens }: EmbeddedCounts): void {
    if (this.#isKnown) return;
    this.counts = { chunks: this.counts.chunks + chunks, tokens: this.counts.tokens + tokens };
  }
}

/** Writes float32 parts and, once they are complete, their list. */
async function embedForRanges(
  tools: StepTools,
  version: OpenVersion,
  { chunked, adopted }: { chunked: ChunkedShard; adopted: AdoptedParts },
  run: StepRun,
): Promise<EmbeddedShard> {
  const { store, layout } = version;
  const { shard } = chunked;
  const listKey = layout.float32Parts(shard);
  if (await store.head(listKey)) {
    adopted.add(chunked);
    return readJsonRecord<EmbeddedShard>(store, listKey, 1);
  }
  const parts: VectorPartFile[] = [];
  let ranges: ValueRanges | undefined;
  let counts: PartCounts = {};
  const place = ({ start, end }: ChunkPartFile) => ({
    key: layout.float32Part(shard, start, end),
    encoding: { precision: 'float32' as const },
  });
  for await (const embedded of embedParts(tools, version, { chunked, adopted, place }, run)) {
    const { part, rows } = embedded;
    parts.push(part);
    counts = addPartCounts(counts, embedded.counts);
    ranges = mergeRanges(ranges, rangesOf(rows.vectors, rows.dimensions));
  }
  const record: EmbeddedShard = { formatVersion: 1, shard, ranges, parts, ...counts };
  const { bytes } = await createOnce(store, listKey, encodeJson(record));
  return parseRecord<EmbeddedShard>(bytes, 1, `${store.root}/${listKey}`);
}

/**
 * Yields the vector parts of a shard in the order of its chunk parts, with one in memory at a time.
 */
async function* embedParts(
  tools: StepTools,
  version: OpenVersion,
  work: {
    chunked: ChunkedShard;
    adopted: AdoptedParts;
    place: (chunkPart: ChunkPartFile) => Pick<EmbedWork, 'key' | 'encoding'>;
  },
  run: StepRun,
): AsyncGenerator<EmbeddedPart> {
  const { adopted } = work;
  const { shard, parts, chunks: rowsTotal } = work.chunked;
  const report = (done: { rows: number; tokens: number }) =>
    run.onPosition({ stage: 'embed', shard, rowsTotal, ...done, adopted: adopted.counts });
  let tokens = 0;
  for (const chunkPart of parts) {
    throwIfStopped(run.signal);
    const inPart = { rows: chunkPart.start, tokens };
    const part = { shard, chunkPart, ...work.place(chunkPart) };
    const embedded = await embedPart(tools, version, part, {
      // A provider may make a part wait for minutes, so the signal may end it; a model on this
      // machine finishes the current part.
      ...(version.job.spec.model.provider && { signal: run.signal }),
      onProgress: (done) => {
        inPart.rows += done.rows;
        inPart.tokens += done.tokens;
        report(inPart);
      },
    });
    const { start, end } = chunkPart;
    if (embedded.isAdopted) adopted.add({ chunks: end - start, tokens: chunkPart.tokens });
    yield embedded;
    tokens += chunkPart.tokens;
    report({ rows: end, tokens });
  }
}
