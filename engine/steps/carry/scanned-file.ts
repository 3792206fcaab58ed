import type { CorpusRecord } from '../../../core/document.js';
import { DOCUMENT_HASH_BYTES } from '../../../core/document-entry.js';
import type { Slice } from '../../../core/plan.js';
import { contentHash, idHash } from '../../files/document-hash.js';
import type { ObjectStore } from '../../store/object-store.js';
import {
  type BucketHeader,
  encodeEntries,
  type RecordCodec,
  readBucketIndex,
  readEntryFile,
} from '../bucket-file.js';
import type { ScanSummary } from '../id-file.js';

/** A document as the scan of its shard found it. */
export interface ScannedDocument {
  /** The hashes of its id and of its content, in hex. */
  idHash: string;
  contentHash: string;
  /** The place of its slice in the shard. */
  slice: number;
  /** The place at which its record begins in the object, in bytes or records. */
  at: number;
  /** The record's number within the shard, from 0. */
  ordinal: number;
}

interface Header extends BucketHeader {
  summary: ScanSummary;
}

/**
 * The documents of one shard, in the order of their records within each bucket. A record has the
 * hashes of id and content, the slice as uint32, the position as uint64 and the ordinal as uint32.
 */
const SCANNED_FILE: RecordCodec<ScannedDocument> = {
  kind: {
    magic: 'VMSCN001',
    name: 'file of scanned documents',
    recordBytes: 2 * DOCUMENT_HASH_BYTES + 16,
  },
  hashOf: ({ idHash: hash }) => hash,
  write: (bytes, at, document) => {
    bytes.write(document.idHash, at, 'hex');
    bytes.write(document.contentHash, at + DOCUMENT_HASH_BYTES, 'hex');
    const numbers = at + 2 * DOCUMENT_HASH_BYTES;
    bytes.writeUInt32LE(document.slice, numbers);
    bytes.writeBigUInt64LE(BigInt(document.at), numbers + 4);
    bytes.writeUInt32LE(document.ordinal, numbers + 12);
  },
  read: decode,
};

/** Collects the documents of a shard, at about 300 bytes each. */
export class ScannedCollector {
  readonly #places: ReadonlyMap<string, number>;
  readonly #documents: ScannedDocument[] = [];

  /** No two slices of a shard are of one object. */
  constructor(slices: readonly Slice[]) {
    this.#places = new Map(slices.map(({ uri }, place) => [uri, place]));
  }

  add({ document, ordinal, position: { uri, at } }: CorpusRecord & { kind: 'document' }): void {
    const hashes = { idHash: idHash(document.id), contentHash: contentHash(document) };
    this.#documents.push({ ...hashes, slice: this.#places.get(uri)!, at, ordinal });
  }

  encode(summary: ScanSummary): Uint8Array {
    return encodeEntries(SCANNED_FILE, this.#documents, { summary });
  }
}

/** Reads only the counts of a scan. Errors: FILE_DAMAGED. */
export async function readScannedSummary(store: ObjectStore, key: string): Promise<ScanSummary> {
  return (await readBucketIndex<Header>(store, key, SCANNED_FILE.kind)).header.summary;
}

/** Reads the counts of a scan and its documents, in one request. Errors: FILE_DAMAGED. */
export async function readScanned(
  store: ObjectStore,
  key: string,
): Promise<{ summary: ScanSummary; documents: ScannedDocument[] }> {
  const { header, entries } = await readEntryFile<ScannedDocument, Header>(store, key, SCANNED_FILE);
  return { summary: header.summary, documents: entries };
}

function decode(bytes: Buffer, at: number): ScannedDocument {
  const content = at + DOCUMENT_HASH_BYTES;
  const numbers = content + DOCUMENT_HASH_BYTES;
  return {
    idHash: bytes.toString('hex', at, content),
    contentHash: bytes.toString('hex', content, numbers),
    slice: bytes.readUInt32LE(numbers),
    at: Number(bytes.readBigUInt64LE(numbers + 4)),
    ordinal: bytes.readUInt32LE(numbers + 12),
  };
}
