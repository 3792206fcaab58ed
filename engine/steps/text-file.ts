import { BUCKETS, type BucketRange } from '../../core/buckets.js';
import { TEXT_HASH_BYTES, type TextEntry } from '../../core/text-entry.js';
import type { ObjectStore } from '../store/object-store.js';
import {
  type BucketFileKind,
  BucketFileWriter,
  type BucketHeader,
  readBucketFile,
  readBucketIndex,
  readBuckets,
} from './bucket-file.js';

/**
 * The texts of one shard. A record has the hash of the text, and the key of its first row as
 * uint64.
 */
const TEXT_FILE: BucketFileKind = {
  magic: 'VMTXT001',
  name: 'text file',
  recordBytes: TEXT_HASH_BYTES + 8,
};

/** Encodes the texts of one shard, or a run of those of several. */
export function encodeTextEntries(texts: readonly TextEntry[]): Uint8Array {
  const counts = new Array<number>(BUCKETS).fill(0);
  for (const { textHash } of texts) counts[bucketOf(textHash)]! += 1;
  const file = new BucketFileWriter(TEXT_FILE, { counts });
  for (const { textHash, rowKey } of texts) {
    const at = file.place(bucketOf(textHash));
    file.bytes.write(textHash, at, 'hex');
    file.bytes.writeBigUInt64LE(rowKey, at + TEXT_HASH_BYTES);
  }
  return file.bytes;
}

/** Reads all texts of a file, in one request. Errors: FILE_DAMAGED. */
export async function readTextFile(store: ObjectStore, key: string): Promise<TextEntry[]> {
  const { records, recordBytes } = await readBucketFile<BucketHeader>(store, key, TEXT_FILE);
  return decodeRecords(records, recordBytes);
}

/** Opens a file whose texts are read by ranges of buckets. Errors: FILE_DAMAGED. */
export async function openTextFile(
  store: ObjectStore,
  key: string,
): Promise<{ read(range: BucketRange): Promise<TextEntry[]> }> {
  const index = await readBucketIndex<BucketHeader>(store, key, TEXT_FILE);
  return {
    read: async (range) =>
      decodeRecords(await readBuckets(store, index, range, TEXT_FILE), index.recordBytes),
  };
}

function decodeRecords(records: Buffer, recordBytes: number): TextEntry[] {
  return Array.from({ length: records.length / recordBytes }, (_, row) => {
    const at = row * recordBytes;
    return {
      textHash: records.toString('hex', at, at + TEXT_HASH_BYTES),
      rowKey: records.readBigUInt64LE(at + TEXT_HASH_BYTES),
    };
  });
}

function bucketOf(textHash: string): number {
  return Number.parseInt(textHash.slice(0, 2), 16);
}
