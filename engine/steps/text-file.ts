import { TEXT_HASH_BYTES, type TextEntry } from '../../core/text-entry.js';
import type { ObjectStore } from '../store/object-store.js';
import { encodeEntries, type RecordCodec, readEntries } from './bucket-file.js';

/**
 * The texts of one shard. A record has the hash of the text, and the key of its first row as
 * uint64.
 */
export const TEXT_FILE: RecordCodec<TextEntry> = {
  kind: { magic: 'VMTXT001', name: 'text file', recordBytes: TEXT_HASH_BYTES + 8 },
  hashOf: ({ textHash }) => textHash,
  write: (bytes, at, { textHash, rowKey }) => {
    bytes.write(textHash, at, 'hex');
    bytes.writeBigUInt64LE(rowKey, at + TEXT_HASH_BYTES);
  },
  read: (bytes, at) => ({
    textHash: bytes.toString('hex', at, at + TEXT_HASH_BYTES),
    rowKey: bytes.readBigUInt64LE(at + TEXT_HASH_BYTES),
  }),
};

/** Encodes the texts of one shard, or a run of those of several. */
export function encodeTextEntries(texts: readonly TextEntry[]): Uint8Array {
  return encodeEntries(TEXT_FILE, texts);
}

/** Reads all texts of a file, in one request. Errors: FILE_DAMAGED. */
export function readTextFile(store: ObjectStore, key: string): Promise<TextEntry[]> {
  return readEntries(store, key, TEXT_FILE);
}
