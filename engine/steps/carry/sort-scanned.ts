import type { ScannedRecord } from '../../../core/carry/resolve-id.js';
import { byDocument, DOCUMENT_HASH_BYTES } from '../../../core/document-entry.js';
import type { OpenVersion } from '../../version/open-version.js';
import type { RecordCodec } from '../bucket-file.js';
import { type RunKind, RunSorter } from '../run-sorter.js';

/** The number of documents that are sorted in memory, at about 250 bytes each. */
const DOCUMENTS_AT_ONCE = 262_144;

/**
 * Scanned documents of several shards. A record has the hashes of id and content, the place of the
 * slice in the version as uint32, the position as uint64, and the shard and the ordinal as uint32.
 */
const SCANNED_RUN: RecordCodec<ScannedRecord> = {
  kind: {
    magic: 'VMSCR001',
    name: 'run of scanned documents',
    recordBytes: 2 * DOCUMENT_HASH_BYTES + 20,
  },
  hashOf: ({ idHash }) => idHash,
  write: (bytes, at, { idHash, contentHash, slice, at: position, shard, ordinal }) => {
    bytes.write(idHash, at, 'hex');
    bytes.write(contentHash, at + DOCUMENT_HASH_BYTES, 'hex');
    const numbers = at + 2 * DOCUMENT_HASH_BYTES;
    bytes.writeUInt32LE(slice, numbers);
    bytes.writeBigUInt64LE(BigInt(position), numbers + 4);
    bytes.writeUInt32LE(shard, numbers + 12);
    bytes.writeUInt32LE(ordinal, numbers + 16);
  },
  read: (bytes, at) => {
    const content = at + DOCUMENT_HASH_BYTES;
    const numbers = content + DOCUMENT_HASH_BYTES;
    return {
      idHash: bytes.toString('hex', at, content),
      contentHash: bytes.toString('hex', content, numbers),
      slice: bytes.readUInt32LE(numbers),
      at: Number(bytes.readBigUInt64LE(numbers + 4)),
      shard: bytes.readUInt32LE(numbers + 12),
      ordinal: bytes.readUInt32LE(numbers + 16),
    };
  },
};

/**
 * Makes a sorter of the documents that were scanned, by the hashes of their ids. `shards` is the
 * number of shards that were scanned.
 */
export function scannedSorter(
  { store, layout }: OpenVersion,
  shards: number,
  documentsAtOnce: number = DOCUMENTS_AT_ONCE,
): RunSorter<ScannedRecord> {
  const kind: RunKind<ScannedRecord> = {
    codec: SCANNED_RUN,
    compare: byDocument,
    runKey: (piece) => layout.scannedRun(shards, piece),
  };
  return new RunSorter(store, kind, documentsAtOnce);
}
