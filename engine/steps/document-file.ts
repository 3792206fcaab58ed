import { BUCKETS, type BucketRange } from '../../core/buckets.js';
import { DOCUMENT_HASH_BYTES, type DocumentEntry, NO_ROW_KEY } from '../../core/document-entry.js';
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
 * The documents of one shard, in the order of their records within each bucket. A record has the
 * hashes of id and content, the slice as uint32, the position and the key of the first chunk as
 * uint64, and the numbers of chunks, tokens and truncated chunks as uint32.
 */
const DOCUMENT_FILE: BucketFileKind = {
  magic: 'VMDOC001',
  name: 'document file',
  recordBytes: 2 * DOCUMENT_HASH_BYTES + 32,
};

/** Encodes the documents of one shard, or a run of those of several. */
export function encodeDocuments(documents: readonly DocumentEntry[]): Uint8Array {
  const counts = new Array<number>(BUCKETS).fill(0);
  for (const { idHash } of documents) counts[bucketOf(idHash)]! += 1;
  const file = new BucketFileWriter(DOCUMENT_FILE, { counts });
  for (const document of documents) encodeRecord(file.bytes, file.place(bucketOf(document.idHash)), document);
  return file.bytes;
}

/** Reads all documents of a file, in one request. Errors: FILE_DAMAGED. */
export async function readDocumentFile(store: ObjectStore, key: string): Promise<DocumentEntry[]> {
  const { records, recordBytes } = await readBucketFile<BucketHeader>(store, key, DOCUMENT_FILE);
  return decodeRecords(records, recordBytes);
}

/** Opens a file whose documents are read by ranges of buckets. Errors: FILE_DAMAGED. */
export async function openDocumentFile(
  store: ObjectStore,
  key: string,
): Promise<{ read(range: BucketRange): Promise<DocumentEntry[]> }> {
  const index = await readBucketIndex<BucketHeader>(store, key, DOCUMENT_FILE);
  return {
    read: async (range) =>
      decodeRecords(await readBuckets(store, index, range, DOCUMENT_FILE), index.recordBytes),
  };
}

function encodeRecord(bytes: Buffer, at: number, document: DocumentEntry): void {
  const { idHash, contentHash, slice, at: position, firstKey, chunks, tokens, truncated } = document;
  bytes.write(idHash, at, 'hex');
  bytes.write(contentHash, at + DOCUMENT_HASH_BYTES, 'hex');
  const numbers = at + 2 * DOCUMENT_HASH_BYTES;
  bytes.writeUInt32LE(slice, numbers);
  bytes.writeBigUInt64LE(BigInt(position), numbers + 4);
  bytes.writeBigUInt64LE(firstKey ?? NO_ROW_KEY, numbers + 12);
  bytes.writeUInt32LE(chunks, numbers + 20);
  bytes.writeUInt32LE(tokens, numbers + 24);
  bytes.writeUInt32LE(truncated, numbers + 28);
}

function decodeRecords(records: Buffer, recordBytes: number): DocumentEntry[] {
  return Array.from({ length: records.length / recordBytes }, (_, row) =>
    decodeRecord(records, row * recordBytes),
  );
}

function decodeRecord(bytes: Buffer, at: number): DocumentEntry {
  const content = at + DOCUMENT_HASH_BYTES;
  const numbers = content + DOCUMENT_HASH_BYTES;
  const firstKey = bytes.readBigUInt64LE(numbers + 12);
  return {
    idHash: bytes.toString('hex', at, content),
    contentHash: bytes.toString('hex', content, numbers),
    slice: bytes.readUInt32LE(numbers),
    at: Number(bytes.readBigUInt64LE(numbers + 4)),
    firstKey: firstKey === NO_ROW_KEY ? undefined : firstKey,
    chunks: bytes.readUInt32LE(numbers + 20),
    tokens: bytes.readUInt32LE(numbers + 24),
    truncated: bytes.readUInt32LE(numbers + 28),
  };
}

function bucketOf(idHash: string): number {
  return Number.parseInt(idHash.slice(0, 2), 16);
}
