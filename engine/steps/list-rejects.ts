import type { BucketRange } from '../../core/buckets.js';
import { verdictOfByte } from '../../core/carry/verdict.js';
import type { ChunkedShard, PartFileRef } from '../../core/commit.js';
import type { Reject } from '../../core/document.js';
import { parseDuplicatesKey } from '../../core/layout.js';
import { readRejectFile } from '../parquet/reject-file.js';
import type { ObjectStore } from '../store/object-store.js';
import type { OpenVersion } from '../version/open-version.js';
import { readJsonRecord } from '../version/read-json-record.js';
import { readListedFile } from '../version/read-listed-file.js';
import { readResolved } from './carry/resolution.js';
import { duplicateReject, readDuplicates } from './find-duplicates.js';
import { recordsOf } from './records-of.js';
import type { StepTools } from './step-context.js';

/** The quarantined records of one shard, as far as they are known. */
export interface ShardRejects {
  /** Undefined for those of objects that are not read, because they have not changed. */
  shard: number | undefined;
  /** The listed rejects, in the order of the records. */
  rejects: Reject[];
  /**
   * The number of records that were also rejected, but that the scan counted without listing them.
   */
  unlisted: number;
}

/**
 * Yields the quarantined records of a version, readable or not, shard by shard. They come from the
 * files of its chunking, or from those of its scan for shards that were not chunked. Duplicates of
 * the latter are read again from the corpus, because the scan notes only their numbers. Errors:
 * VERSION_NOT_FOUND before the plan is written; INPUT_CHANGED; CHECKSUM_MISMATCH, FILE_DAMAGED.
 */
export async function* listRejects(
  tools: Pick<StepTools, 'openStore'>,
  version: OpenVersion,
  signal: AbortSignal,
): AsyncGenerator<ShardRejects> {
  const { store, layout } = version;
  const ranges = await duplicateRanges(version);
  for (const rejects of await carriedRejectsOf(version)) yield { shard: undefined, rejects, unlisted: 0 };
  for (const { shard } of await version.plan()) {
    if (await store.head(layout.rejects(shard))) {
      yield { shard, rejects: await chunkedRejects(version, shard), unlisted: 0 };
    } else if (!(await store.head(layout.chunkParts(shard)))) {
      const scanned = await scannedRejects(version, shard);
      const duplicates = await duplicatesOf(tools, version, { shard, ranges, signal });
      const rejects = [...scanned.rejects, ...duplicates].sort((a, b) => a.ordinal - b.ordinal);
      yield { shard, rejects, unlisted: scanned.unlisted };
    }
  }
}

/** A shard whose chunking was stopped may have the file, but not the record that has its hash. */
async function chunkedRejects({ store, layout }: OpenVersion, shard: number): Promise<Reject[]> {
  const chunked = (await store.head(layout.chunkParts(shard)))
    ? await readJsonRecord<ChunkedShard>(store, layout.chunkParts(shard), 1)
    : undefined;
  if (chunked?.rejectFile) return listedRejects(store, chunked.rejectFile);
  const key = layout.rejects(shard);
  return readRejectFile(await store.get(key), `${store.root}/${key}`).rejects;
}

async function listedRejects(store: ObjectStore, listed: PartFileRef): Promise<Reject[]> {
  return readRejectFile(await readListedFile(store, listed), `${store.root}/${listed.key}`).rejects;
}

async function scannedRejects(
  version: OpenVersion,
  shard: number,
): Promise<{ rejects: Reject[]; unlisted: number }> {
  const key = version.layout.scanRejects(shard);
  if (!(await version.store.head(key))) return { rejects: [], unlisted: 0 };
  const { rejects, footer } = readRejectFile(await version.store.get(key), `${version.store.root}/${key}`);
  return { rejects, unlisted: Number(footer.rejects ?? rejects.length) - rejects.length };
}

async function duplicateRanges({ store, layout }: OpenVersion): Promise<BucketRange[]> {
  const ranges: BucketRange[] = [];
  for await (const { key } of store.list(layout.duplicatesPrefix)) {
    const range = parseDuplicatesKey(key);
    if (range) ranges.push(range);
  }
  return ranges;
}

async function duplicatesOf(
  tools: Pick<StepTools, 'openStore'>,
  version: OpenVersion,
  { shard, ranges, signal }: { shard: number; ranges: readonly BucketRange[]; signal: AbortSignal },
): Promise<Reject[]> {
  const ordinals = await repeatedOrdinals(version, shard, ranges);
  const rejects: Reject[] = [];
  if (ordinals.size === 0) return rejects;
  for await (const records of recordsOf(tools, version, shard, signal)) {
    for (const record of records)
      if (record.kind === 'document' && ordinals.has(record.ordinal)) rejects.push(duplicateReject(record));
    if (rejects.length === ordinals.size) break;
  }
  return rejects;
}

/** Returns the ordinals of a shard's records that repeat an id, as far as they are known. */
async function repeatedOrdinals(
  version: OpenVersion,
  shard: number,
  ranges: readonly BucketRange[],
): Promise<ReadonlySet<number>> {
  const { store, layout, job } = version;
  if (!job.carry) return readDuplicates(version, shard, ranges);
  if (!(await store.head(layout.verdicts(shard)))) return new Set();
  const verdicts = [...(await store.get(layout.verdicts(shard)))];
  return new Set(verdicts.flatMap((byte, ordinal) => (verdictOfByte(byte) === 'repeated' ? [ordinal] : [])));
}

/** Returns the rejects of objects that have not changed, file by file, once they are known. */
async function carriedRejectsOf(version: OpenVersion): Promise<Reject[][]> {
  const { store, layout, job } = version;
  if (!job.carry || !(await store.head(layout.resolved))) return [];
  const { rejectFiles } = await readResolved(version);
  return Promise.all(rejectFiles.map((file) => listedRejects(store, file)));
}
