import { createHash } from 'node:crypto';
import { BUCKETS } from '../../core/buckets.js';
import { VectormillError } from '../../core/errors.js';
import type { LongRows } from '../../core/long-rows.js';
import type { RejectCounts } from '../../core/reject-counts.js';
import type { ObjectStore } from '../store/object-store.js';

/** The counts of a shard's scan. */
export interface ScanSummary {
  shard: number;
  documents: number;
  rejects: RejectCounts;
  /** Absent if there are none. */
  longRows?: LongRows;
}

const MAGIC = 'VMIDS001';
const HASH_BYTES = 16;
const RECORD_BYTES = HASH_BYTES + 4;
const GROWTH_RECORDS = 4096;
/** The greatest number of records in a shard, because an ordinal has 32 bits. */
const MAX_RECORDS = 2 ** 32;

interface Header {
  summary: ScanSummary;
  /** The number of records in each bucket: `BUCKETS` numbers. */
  counts: number[];
}

/** One id of a shard: 128 bits of its sha256 and the record's ordinal within the shard. */
export interface IdRecord {
  hash: string;
  ordinal: number;
}

/** Collects a shard's ids in bounded space, 20 bytes each. */
export class IdCollector {
  #records = Buffer.alloc(GROWTH_RECORDS * RECORD_BYTES);
  #length = 0;

  add(id: string, ordinal: number): void {
    if (this.#length === this.#records.length)
      this.#records = Buffer.concat([this.#records], this.#length * 2);
    createHash('sha256').update(id).digest().copy(this.#records, this.#length, 0, HASH_BYTES);
    this.#records.writeUInt32LE(ordinal, this.#length + HASH_BYTES);
    this.#length += RECORD_BYTES;
  }

  /**
   * Encodes `MAGIC`, the header's length as uint32, the header as JSON, and then the records by
   * bucket and, within a bucket, by ordinal.
   */
  encode(summary: ScanSummary): Uint8Array {
    const counts = new Array<number>(BUCKETS).fill(0);
    for (let at = 0; at < this.#length; at += RECORD_BYTES) counts[this.#records[at]!]! += 1;
    const header = Buffer.from(JSON.stringify({ summary, counts } satisfies Header));
    const preamble = Buffer.alloc(MAGIC.length + 4);
    preamble.write(MAGIC, 'latin1');
    preamble.writeUInt32LE(header.length, MAGIC.length);
    const file = Buffer.alloc(preamble.length + header.length + this.#length);
    preamble.copy(file);
    header.copy(file, preamble.length);
    const next = startsOf(counts, preamble.length + header.length);
    for (let at = 0; at < this.#length; at += RECORD_BYTES) {
      const bucket = this.#records[at]!;
      this.#records.copy(file, next[bucket], at, at + RECORD_BYTES);
      next[bucket]! += RECORD_BYTES;
    }
    return file;
  }
}

/** Reads only the summary. Errors: FILE_DAMAGED. */
export async function readScanSummary(store: ObjectStore, key: string): Promise<ScanSummary> {
  return (await readHeader(store, key)).header.summary;
}

/**
 * Reads the ids of buckets `[from, to)`, in the order of ordinals within each bucket. Errors:
 * FILE_DAMAGED.
 */
export async function readIds(
  store: ObjectStore,
  key: string,
  from: number,
  to: number,
): Promise<IdRecord[]> {
  const { header, end } = await readHeader(store, key);
  const starts = startsOf(header.counts, end);
  const count = header.counts.slice(from, to).reduce((sum, records) => sum + records, 0);
  if (count === 0) return [];
  const start = starts[from]!;
  const bytes = Buffer.from(await store.get(key, { range: { start, end: start + count * RECORD_BYTES } }));
  if (bytes.length !== count * RECORD_BYTES) throw damaged(store, key);
  return Array.from({ length: count }, (_, index) => {
    const at = index * RECORD_BYTES;
    return {
      hash: bytes.toString('latin1', at, at + HASH_BYTES),
      ordinal: bytes.readUInt32LE(at + HASH_BYTES),
    };
  });
}

async function readHeader(store: ObjectStore, key: string): Promise<{ header: Header; end: number }> {
  const start = MAGIC.length + 4;
  const head = Buffer.from(await store.get(key, { range: { start: 0, end: 8192 } }));
  if (head.length < start || head.toString('latin1', 0, MAGIC.length) !== MAGIC) throw damaged(store, key);
  const end = start + head.readUInt32LE(MAGIC.length);
  if (end > head.length) throw damaged(store, key);
  const header = parseHeader(head.toString('utf8', start, end));
  if (!header) throw damaged(store, key);
  return { header, end };
}

/** Parses a header. The result is undefined if it does not say where the records lie. */
function parseHeader(text: string): Header | undefined {
  try {
    const header = JSON.parse(text) as Header;
    const { counts } = header;
    const isWhole = counts.length === BUCKETS && counts.every(isCount);
    return isWhole ? header : undefined;
  } catch {
    return undefined;
  }
}

function isCount(count: number): boolean {
  return Number.isInteger(count) && count >= 0 && count <= MAX_RECORDS;
}

function startsOf(counts: readonly number[], origin: number): number[] {
  let at = origin;
  return counts.map((count) => {
    const start = at;
    at += count * RECORD_BYTES;
    return start;
  });
}

function damaged(store: ObjectStore, key: string): VectormillError {
  return new VectormillError('FILE_DAMAGED', `${store.root}/${key} is not a whole id file`, {
    component: 'scan',
    file: `${store.root}/${key}`,
    remedy: 'Delete this file and run the job again; it is made anew.',
  });
}
