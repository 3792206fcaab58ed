import { createHash } from 'node:crypto';
import { ALL_BUCKETS, BUCKETS, type BucketRange } from '../../core/buckets.js';
import type { CorpusRecord } from '../../core/document.js';
import type { LongRows } from '../../core/long-rows.js';
import type { RejectCounts } from '../../core/reject-counts.js';
import type { ObjectStore } from '../store/object-store.js';
import {
  type BucketFileKind,
  BucketFileWriter,
  type BucketHeader,
  readBucketFile,
  readBucketIndex,
  readBuckets,
} from './bucket-file.js';

/** The counts of a shard's scan. */
export interface ScanSummary {
  shard: number;
  documents: number;
  rejects: RejectCounts;
  /** Absent if there are none. */
  longRows?: LongRows;
}

export const HASH_BYTES = 16;
const RECORD_BYTES = HASH_BYTES + 4;
const GROWTH_RECORDS = 4096;

/** The ids of a shard, within each bucket by ordinal. */
export const ID_FILE: BucketFileKind = { magic: 'VMIDS001', name: 'id file', recordBytes: RECORD_BYTES };

interface Header extends BucketHeader {
  summary: ScanSummary;
}

/** One id: 128 bits of its sha256, its shard, and the record's ordinal within the shard. */
export interface IdRecord {
  hash: string;
  shard: number;
  ordinal: number;
}

/** Collects a shard's ids in bounded space, 20 bytes each. */
export class IdCollector {
  #records = Buffer.alloc(GROWTH_RECORDS * RECORD_BYTES);
  #length = 0;

  add({ document: { id }, ordinal }: CorpusRecord & { kind: 'document' }): void {
    if (this.#length === this.#records.length)
      this.#records = Buffer.concat([this.#records], this.#length * 2);
    createHash('sha256').update(id).digest().copy(this.#records, this.#length, 0, HASH_BYTES);
    this.#records.writeUInt32LE(ordinal, this.#length + HASH_BYTES);
    this.#length += RECORD_BYTES;
  }

  /** Encodes the records by bucket and, within a bucket, by ordinal. */
  encode(summary: ScanSummary): Uint8Array {
    const counts = new Array<number>(BUCKETS).fill(0);
    for (let at = 0; at < this.#length; at += RECORD_BYTES) counts[this.#records[at]!]! += 1;
    const header: Header = { summary, counts };
    const file = new BucketFileWriter(ID_FILE, header);
    for (let at = 0; at < this.#length; at += RECORD_BYTES)
      this.#records.copy(file.bytes, file.place(this.#records[at]!), at, at + RECORD_BYTES);
    return file.bytes;
  }
}

/** Reads only the summary. Errors: FILE_DAMAGED. */
export async function readScanSummary(store: ObjectStore, key: string): Promise<ScanSummary> {
  return (await readBucketIndex<Header>(store, key, ID_FILE)).header.summary;
}

/** Reads the summary and the records as they are stored. Errors: FILE_DAMAGED. */
export async function readIdFile(
  store: ObjectStore,
  key: string,
): Promise<{ summary: ScanSummary; counts: readonly number[]; records: Buffer }> {
  const { header, records } = await readBucketFile<Header>(store, key, ID_FILE);
  return { summary: header.summary, counts: header.counts, records };
}

/**
 * Reads the ids of a range of buckets, in the order of ordinals within each bucket. Errors:
 * FILE_DAMAGED.
 */
export async function readIds(
  store: ObjectStore,
  { key, shard }: { key: string; shard: number },
  range: BucketRange,
): Promise<IdRecord[]> {
  const records = await recordsIn(store, key, range);
  return Array.from({ length: records.length / RECORD_BYTES }, (_, index) => {
    const at = index * RECORD_BYTES;
    return {
      hash: records.toString('latin1', at, at + HASH_BYTES),
      shard,
      ordinal: records.readUInt32LE(at + HASH_BYTES),
    };
  });
}

/** All buckets are read in one request, and a part of them in two. */
async function recordsIn(store: ObjectStore, key: string, range: BucketRange): Promise<Buffer> {
  const { from, to } = ALL_BUCKETS;
  if (range.from === from && range.to === to) return (await readIdFile(store, key)).records;
  const index = await readBucketIndex<Header>(store, key, ID_FILE);
  return readBuckets(store, index, range, ID_FILE);
}
