import type { BucketRange } from '../../core/buckets.js';
import { type CorpusRecord, REJECT_CODES, type Reject } from '../../core/document.js';
import { throwIfStopped } from '../concurrency/stop.js';
import { createOnce, encodeJson } from '../version/create-once.js';
import type { OpenVersion } from '../version/open-version.js';
import { readJsonRecord } from '../version/read-json-record.js';
import { readOnce } from '../version/read-once.js';
import { readFoldedIds } from './folded-id-file.js';
import { type IdRecord, readIds } from './id-file.js';
import { foldedIdsOf } from './merge-ids.js';
import type { StepRun } from './step-context.js';

/**
 * Each read takes one or two round trips to the store, during which nothing else of a job is done.
 */
const CONCURRENT_READS = 16;

interface DuplicateFile {
  formatVersion: 1;
  /** The ordinals of the records to reject, by shard number. */
  ordinals: Record<string, number[]>;
}

/**
 * Finds the ids that occur more than once in a range of the id space. The first record in corpus
 * order keeps its id. Returns how many records are duplicates. Memory holds the ids of one bucket
 * range. `groupSize` is the number of shards of a group whose ids were folded; where it is
 * undefined, each shard's own id file is read.
 */
export async function findDuplicates(
  version: OpenVersion,
  range: BucketRange,
  run: StepRun,
  groupSize?: number,
): Promise<number> {
  const key = version.layout.duplicates(range.from, range.to);
  const file: DuplicateFile = { formatVersion: 1, ordinals: {} };
  const seen = new Set<string>();
  let duplicates = 0;
  const files = await idFilesOf(version, range, groupSize);
  for (let from = 0; from < files.length; from += CONCURRENT_READS) {
    throwIfStopped(run.signal);
    const ids = await Promise.all(files.slice(from, from + CONCURRENT_READS).map((read) => read()));
    for (const { hash, shard, ordinal } of ids.flat()) {
      if (seen.has(hash)) {
        file.ordinals[shard] ??= [];
        file.ordinals[shard].push(ordinal);
        duplicates += 1;
      } else seen.add(hash);
    }
    run.onPosition({ stage: 'scan', shard: ids.at(-1)?.at(-1)?.shard ?? 0, rows: seen.size, tokens: 0 });
  }
  if (duplicates > 0) await createOnce(version.store, key, encodeJson(file));
  return duplicates;
}

/**
 * Returns functions that read the ids of a range of buckets from each file that has some, in corpus
 * order.
 */
export async function idFilesOf(
  version: OpenVersion,
  range: BucketRange,
  groupSize: number | undefined,
): Promise<(() => Promise<IdRecord[]>)[]> {
  const { store, layout } = version;
  if (groupSize !== undefined) {
    const folds = await foldedIdsOf(version, groupSize);
    const holding = folds.filter(({ header }) =>
      header.counts.slice(range.from, range.to).some((count) => count > 0),
    );
    return holding.map((fold) => () => readFoldedIds(store, fold, range));
  }
  return (await version.plan()).map(
    ({ shard }) =>
      () =>
        readIds(store, { key: layout.scan(shard), shard }, range),
  );
}

/**
 * Reads the ordinals of one shard's duplicates from the ranges in which any were found. Each file
 * has those of all shards, and is kept in memory for the next one, at about 8 bytes a duplicate.
 */
export async function readDuplicates(
  version: OpenVersion,
  shard: number,
  ranges: readonly BucketRange[],
): Promise<Set<number>> {
  const ordinals = new Set<number>();
  for (const { from, to } of ranges) {
    const key = version.layout.duplicates(from, to);
    const file = await readOnce(version, key, () => readJsonRecord<DuplicateFile>(version.store, key, 1));
    for (const ordinal of file.ordinals[shard] ?? []) ordinals.add(ordinal);
  }
  return ordinals;
}

/** Returns the reject that a document becomes which repeats the id of an earlier one. */
export function duplicateReject(record: CorpusRecord & { kind: 'document' }): Reject {
  const { ordinal, position, document } = record;
  return { code: 'DUPLICATE_ID', reason: REJECT_CODES.DUPLICATE_ID, position, ordinal, id: document.id };
}
