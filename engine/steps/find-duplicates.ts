import type { BucketRange } from '../../core/buckets.js';
import { type CorpusRecord, REJECT_CODES, type Reject } from '../../core/document.js';
import { throwIfStopped } from '../concurrency/stop.js';
import { createOnce, encodeJson } from '../version/create-once.js';
import type { OpenVersion } from '../version/open-version.js';
import { readJsonRecord } from '../version/read-json-record.js';
import { readIds } from './id-file.js';
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
 * range.
 */
export async function findDuplicates(
  version: OpenVersion,
  range: BucketRange,
  run: StepRun,
): Promise<number> {
  const key = version.layout.duplicates(range.from, range.to);
  const file: DuplicateFile = { formatVersion: 1, ordinals: {} };
  const seen = new Set<string>();
  let duplicates = 0;
  const shards = await version.plan();
  const idsOf = (shard: number) => readIds(version.store, version.layout.scan(shard), range.from, range.to);
  for (let from = 0; from < shards.length; from += CONCURRENT_READS) {
    throwIfStopped(run.signal);
    const group = shards.slice(from, from + CONCURRENT_READS);
    const idsByShard = await Promise.all(group.map(({ shard }) => idsOf(shard)));
    for (const [index, ids] of idsByShard.entries()) {
      const ordinals: number[] = [];
      for (const { hash, ordinal } of ids) {
        if (seen.has(hash)) ordinals.push(ordinal);
        else seen.add(hash);
      }
      if (ordinals.length > 0) file.ordinals[from + index] = ordinals;
      duplicates += ordinals.length;
    }
    run.onPosition({ stage: 'scan', shard: from, rows: seen.size, tokens: 0 });
  }
  if (duplicates > 0) await createOnce(version.store, key, encodeJson(file));
  return duplicates;
}

/** Reads the ordinals of one shard's duplicates from the ranges in which any were found. */
export async function readDuplicates(
  version: OpenVersion,
  shard: number,
  ranges: readonly BucketRange[],
): Promise<Set<number>> {
  const ordinals = new Set<number>();
  for (const { from, to } of ranges) {
    const file = await readJsonRecord<DuplicateFile>(version.store, version.layout.duplicates(from, to), 1);
    for (const ordinal of file.ordinals[shard] ?? []) ordinals.add(ordinal);
  }
  return ordinals;
}

/** Returns the reject that a record becomes if it is one of its shard's duplicates. */
export function duplicateOf(record: CorpusRecord, ordinals: ReadonlySet<number>): Reject | undefined {
  if (record.kind === 'reject' || !ordinals.has(record.ordinal)) return undefined;
  const { ordinal, position, document } = record;
  return { code: 'DUPLICATE_ID', reason: REJECT_CODES.DUPLICATE_ID, position, ordinal, id: document.id };
}
