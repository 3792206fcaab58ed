import type { ChunkedShard, EmbeddedShard, ShardCommit } from '../../core/commit.js';
import { type JobRecord, vectorPrecisionOf } from '../../core/job-spec.js';
import { parseCommitKey, parseFloat32PartsKey, type VersionLayout } from '../../core/layout.js';
import { needsRanges, type VectorEncoding } from '../../core/vector-precision.js';
import { type PartFiles, VersionParts } from '../../core/version-parts.js';
import { mapConcurrently } from '../concurrency/map-concurrently.js';
import { readVectorFile } from '../parquet/vector-file.js';
import { readTextsOfParts } from '../reuse/read-text-table.js';
import { type TextTable, TextTableBuilder } from '../reuse/text-table.js';
import type { ObjectStore } from '../store/object-store.js';
import { readJsonRecord } from '../version/read-json-record.js';
import { readListedFile } from '../version/read-listed-file.js';
import { readTextFile } from './text-file.js';

const CONCURRENT_READS = 16;

/** The parts of a version without a manifest whose shards are complete. */
export interface CommittedParts {
  /** The way in which all of these parts store their vectors. */
  encoding: VectorEncoding;
  parts: VersionParts;
  readTexts(): Promise<TextTable>;
}

/** The files of a shard, as the create-once record lists them without which nothing counts. */
interface CompleteShard extends Pick<ShardCommit, 'chunkParts' | 'vectorParts'> {
  shard: number;
  /** Whether its texts were noted when it was chunked. */
  hasTexts: boolean;
}

/**
 * Reads which parts of a version count although it has no manifest: those of committed shards or,
 * where the vectors wait for the ranges of the version, those of shards whose float32 parts are
 * complete. Undefined where there are none. Errors: OBJECT_NOT_FOUND, CHECKSUM_MISMATCH,
 * FILE_DAMAGED.
 */
export async function readCommittedParts(
  store: ObjectStore,
  layout: VersionLayout,
  job: JobRecord,
): Promise<CommittedParts | undefined> {
  const precision = vectorPrecisionOf(job.spec);
  const waiting = needsRanges(precision) ? await readWaiting(store, layout) : [];
  const shards = waiting.length > 0 ? waiting : await readCommits(store, layout, job);
  const parts = VersionParts.of(shards.sort((a, b) => a.shard - b.shard).flatMap(partsOfShard));
  const first = parts.at(0);
  if (!first) return undefined;
  const encoding = async (): Promise<VectorEncoding> => {
    if (waiting.length > 0) return { precision: 'float32' };
    if (!needsRanges(precision)) return { precision };
    // The ranges of a version that carries rows over are those of its parent.
    const { key } = first.vectors;
    return readVectorFile(await readListedFile(store, first.vectors), `${store.root}/${key}`).encoding;
  };
  return { encoding: await encoding(), parts, readTexts: () => readTexts(store, layout, { shards, parts }) };
}

async function readCommits(
  store: ObjectStore,
  layout: VersionLayout,
  { fingerprint }: JobRecord,
): Promise<CompleteShard[]> {
  const shards = await listShards(store, layout.commits, parseCommitKey);
  const commits = await mapConcurrently(shards, CONCURRENT_READS, (shard) =>
    readJsonRecord<ShardCommit>(store, layout.commit(shard), 1),
  );
  return commits
    .filter((commit) => commit.fingerprint === fingerprint)
    .map(({ shard, chunkParts, vectorParts, corpus }) => ({
      shard,
      chunkParts,
      vectorParts,
      hasTexts: corpus?.texts !== undefined,
    }));
}

async function readWaiting(store: ObjectStore, layout: VersionLayout): Promise<CompleteShard[]> {
  const shards = await listShards(store, layout.float32Prefix, parseFloat32PartsKey);
  return mapConcurrently(shards, CONCURRENT_READS, async (shard) => {
    const [chunked, embedded] = await Promise.all([
      readJsonRecord<ChunkedShard>(store, layout.chunkParts(shard), 1),
      readJsonRecord<EmbeddedShard>(store, layout.float32Parts(shard), 1),
    ]);
    const hasTexts = chunked.corpus?.texts !== undefined;
    return { shard, chunkParts: chunked.parts, vectorParts: embedded.parts, hasTexts };
  });
}

async function listShards(
  store: ObjectStore,
  prefix: string,
  parse: (key: string) => number | undefined,
): Promise<number[]> {
  const shards: number[] = [];
  for await (const { key } of store.list(prefix)) {
    const shard = parse(key);
    if (shard !== undefined) shards.push(shard);
  }
  return shards;
}

function partsOfShard({ chunkParts, vectorParts }: CompleteShard): PartFiles[] {
  return vectorParts.flatMap((vectors, place) => {
    const { start, end } = vectors;
    const chunks = chunkParts[place];
    return chunks?.start === start && chunks.end === end ? [{ chunks, vectors, live: [{ start, end }] }] : [];
  });
}

async function readTexts(
  store: ObjectStore,
  layout: VersionLayout,
  { shards, parts }: { shards: readonly CompleteShard[]; parts: VersionParts },
): Promise<TextTable> {
  if (shards.some(({ hasTexts }) => !hasTexts)) return readTextsOfParts({ store, parts });
  const builder = new TextTableBuilder();
  await mapConcurrently(shards, CONCURRENT_READS, async ({ shard }) => {
    for (const { textHash, rowKey } of await readTextFile(store, layout.texts(shard)))
      builder.add(textHash, rowKey);
  });
  return builder.build();
}
