import { DOCUMENT_HASH_BYTES, type DocumentEntry, NO_ROW_KEY } from '../../core/document-entry.js';
import type { ObjectStore } from '../store/object-store.js';
import { encodeEntries, type RecordCodec, readEntries } from './bucket-file.js';

/**
 * The documents of one shard, in the order of their records within each bucket. A record has the
 * hashes of id and content, the slice as uint32, the position and the key of the first chunk as
 * uint64, and the numbers of chunks, tokens and truncated chunks as uint32.
 */
export const DOCUMENT_FILE: RecordCodec<DocumentEntry> = {
  kind: { magic: 'VMDOC001', name: 'document file', recordBytes: 2 * DOCUMENT_HASH_BYTES + 32 },
  hashOf: ({ idHash }) => idHash,
  write: encodeRecord,
  read: decodeRecord,
};

/** Encodes the documents of one shard, or a run of those of several. */
export function encodeDocuments(documents: readonly DocumentEntry[]): Uint8Array {
  return encodeEntries(DOCUMENT_FILE, documents);
}

/** Reads all documents of a file, in one request. Errors: FILE_DAMAGED. */
export function readDocumentFile(store: ObjectStore, key: string): Promise<DocumentEntry[]> {
  return readEntries(store, key, DOCUMENT_FILE);
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
