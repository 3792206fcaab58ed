import { BUCKETS, type BucketRange } from '../../core/buckets.js';
import { VectormillError } from '../../core/errors.js';
import { ByteReader, BytesEndError } from '../corpus/byte-reader.js';
import type { ObjectStore } from '../store/object-store.js';

/**
 * A file of records of one length, sorted by bucket, so that the records of a range of buckets are
 * read in one piece. It holds eight characters that name its kind, the header's length as uint32,
 * the header as JSON, and the records.
 */
export interface BucketFileKind {
  /** Eight characters of ASCII. */
  magic: string;
  /** The name of such a file in errors: `id file`. */
  name: string;
  /** The length of a record in bytes, which a header may replace by its own. */
  recordBytes: number;
}

export interface BucketHeader {
  /** The number of records in each bucket: `BUCKETS` numbers. */
  counts: readonly number[];
  /** The length of a record in bytes. Where it is absent, it is that of the kind. */
  recordBytes?: number;
}

/** The beginning of a bucket file, which says where its records lie. */
export interface BucketIndex<Header extends BucketHeader> {
  key: string;
  header: Header;
  /** The position of the first record, in bytes. */
  origin: number;
  recordBytes: number;
}

/** The greatest number of records in a bucket, because an ordinal has 32 bits. */
const MAX_RECORDS = 2 ** 32;
/** A header is shorter than this: it has `BUCKETS` counts and a few other numbers. */
const HEAD_BYTES = 8192;

/** Fills a bucket file whose header is known. */
export class BucketFileWriter {
  readonly bytes: Buffer;
  readonly #recordBytes: number;
  readonly #next: number[];

  constructor({ magic, recordBytes }: BucketFileKind, header: BucketHeader) {
    const head = Buffer.from(JSON.stringify(header));
    const origin = magic.length + 4 + head.length;
    this.#recordBytes = recordBytes;
    this.bytes = Buffer.alloc(origin + total(header.counts) * recordBytes);
    this.bytes.write(magic, 'latin1');
    this.bytes.writeUInt32LE(head.length, magic.length);
    head.copy(this.bytes, magic.length + 4);
    this.#next = startsOf(header.counts, origin, recordBytes);
  }

  /** Returns the position in `bytes` of the next record of a bucket. */
  place(bucket: number): number {
    const at = this.#next[bucket]!;
    this.#next[bucket] = at + this.#recordBytes;
    return at;
  }
}

/** Reads only the beginning of a file. Errors: FILE_DAMAGED. */
export async function readBucketIndex<Header extends BucketHeader>(
  store: ObjectStore,
  key: string,
  kind: BucketFileKind,
): Promise<BucketIndex<Header>> {
  const head = Buffer.from(await store.get(key, { range: { start: 0, end: HEAD_BYTES } }));
  return parseHead<Header>(store, key, kind, head);
}

/** Reads the records of a range of buckets, in one request. Errors: FILE_DAMAGED. */
export async function readBuckets(
  store: ObjectStore,
  { key, header, origin, recordBytes }: BucketIndex<BucketHeader>,
  { from, to }: BucketRange,
  kind: BucketFileKind,
): Promise<Buffer> {
  const length = total(header.counts.slice(from, to)) * recordBytes;
  if (length === 0) return Buffer.alloc(0);
  const start = startsOf(header.counts, origin, recordBytes)[from]!;
  const bytes = Buffer.from(await store.get(key, { range: { start, end: start + length } }));
  if (bytes.length !== length) throw damaged(store, key, kind);
  return bytes;
}

/**
 * Reads the records of ranges of buckets of which each follows the one before, all of them in one
 * request.
 */
export class BucketStream {
  readonly #store: ObjectStore;
  readonly #index: BucketIndex<BucketHeader>;
  readonly #kind: BucketFileKind;
  #open: { bytes: ByteReader; position: number } | undefined;

  constructor(store: ObjectStore, index: BucketIndex<BucketHeader>, kind: BucketFileKind) {
    this.#store = store;
    this.#index = index;
    this.#kind = kind;
  }

  /**
   * Reads the next range. A range that does not follow the one before takes another request.
   * Errors: FILE_DAMAGED.
   */
  async take({ from, to }: BucketRange): Promise<Buffer> {
    const { key, header, origin, recordBytes } = this.#index;
    const length = total(header.counts.slice(from, to)) * recordBytes;
    if (length === 0) return Buffer.alloc(0);
    const start = startsOf(header.counts, origin, recordBytes)[from]!;
    if (this.#open?.position !== start) {
      await this.close();
      const range = { start, end: origin + total(header.counts) * recordBytes };
      this.#open = { bytes: new ByteReader(this.#store.stream(key, { range })), position: start };
    }
    try {
      const bytes = await this.#open.bytes.take(length);
      this.#open.position += length;
      return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    } catch (error) {
      if (!(error instanceof BytesEndError)) throw error;
      throw damaged(this.#store, key, this.#kind);
    }
  }

  async close(): Promise<void> {
    const open = this.#open;
    this.#open = undefined;
    await open?.bytes.close();
  }
}

/** Reads a whole file in one request. Errors: FILE_DAMAGED. */
export async function readBucketFile<Header extends BucketHeader>(
  store: ObjectStore,
  key: string,
  kind: BucketFileKind,
): Promise<BucketIndex<Header> & { records: Buffer }> {
  const bytes = Buffer.from(await store.get(key));
  const index = parseHead<Header>(store, key, kind, bytes);
  const end = index.origin + total(index.header.counts) * index.recordBytes;
  if (bytes.length < end) throw damaged(store, key, kind);
  return { ...index, records: bytes.subarray(index.origin, end) };
}

/** Says how the records of one kind of file are written and read. */
export interface RecordCodec<Entry> {
  kind: BucketFileKind;
  /** Returns the hash of an entry, in hex. Its first byte is the entry's bucket. */
  hashOf(entry: Entry): string;
  write(bytes: Buffer, at: number, entry: Entry): void;
  read(bytes: Buffer, at: number): Entry;
}

/** Encodes entries by bucket and, within each bucket, in the order given. */
export function encodeEntries<Entry>(
  { kind, hashOf, write }: RecordCodec<Entry>,
  entries: readonly Entry[],
  header: object = {},
): Buffer {
  const bucketOf = (entry: Entry) => Number.parseInt(hashOf(entry).slice(0, 2), 16);
  const counts = new Array<number>(BUCKETS).fill(0);
  for (const entry of entries) counts[bucketOf(entry)]! += 1;
  const file = new BucketFileWriter(kind, { ...header, counts });
  for (const entry of entries) write(file.bytes, file.place(bucketOf(entry)), entry);
  return file.bytes;
}

/** Reads all entries of a file, in one request. Errors: FILE_DAMAGED. */
export async function readEntries<Entry>(
  store: ObjectStore,
  key: string,
  codec: RecordCodec<Entry>,
): Promise<Entry[]> {
  return (await readEntryFile(store, key, codec)).entries;
}

/** Reads the header and all entries of a file, in one request. Errors: FILE_DAMAGED. */
export async function readEntryFile<Entry, Header extends BucketHeader = BucketHeader>(
  store: ObjectStore,
  key: string,
  codec: RecordCodec<Entry>,
): Promise<{ header: Header; entries: Entry[] }> {
  const { header, records, recordBytes } = await readBucketFile<Header>(store, key, codec.kind);
  return { header, entries: decodeEntries(codec, records, recordBytes) };
}

/**
 * Yields the entries of a file in their order, `atOnce` entries at a time, each time in one
 * request. Errors: FILE_DAMAGED.
 */
export async function* readEntryBlocks<Entry>(
  store: ObjectStore,
  key: string,
  codec: RecordCodec<Entry>,
  atOnce: number,
): AsyncGenerator<Entry[]> {
  const { header, origin, recordBytes } = await readBucketIndex(store, key, codec.kind);
  const end = origin + total(header.counts) * recordBytes;
  for (let start = origin; start < end; start += atOnce * recordBytes) {
    const range = { start, end: Math.min(end, start + atOnce * recordBytes) };
    const bytes = Buffer.from(await store.get(key, { range }));
    if (bytes.length !== range.end - range.start) throw damaged(store, key, codec.kind);
    yield decodeEntries(codec, bytes, recordBytes);
  }
}

function decodeEntries<Entry>({ read }: RecordCodec<Entry>, records: Buffer, recordBytes: number): Entry[] {
  return Array.from({ length: records.length / recordBytes }, (_, row) => read(records, row * recordBytes));
}

/** Returns the error for a file that is not a whole one of its kind. */
export function damaged(store: ObjectStore, key: string, { name }: BucketFileKind): VectormillError {
  return new VectormillError('FILE_DAMAGED', `${store.root}/${key} is not a whole ${name}`, {
    component: 'scan',
    file: `${store.root}/${key}`,
    remedy: 'Delete this file and run the job again; it is made anew.',
  });
}

function parseHead<Header extends BucketHeader>(
  store: ObjectStore,
  key: string,
  kind: BucketFileKind,
  head: Buffer,
): BucketIndex<Header> {
  const { magic } = kind;
  const start = magic.length + 4;
  if (head.length < start || head.toString('latin1', 0, magic.length) !== magic)
    throw damaged(store, key, kind);
  const origin = start + head.readUInt32LE(magic.length);
  const header =
    origin <= head.length ? parseHeader<Header>(head.toString('utf8', start, origin)) : undefined;
  if (!header) throw damaged(store, key, kind);
  const { recordBytes = kind.recordBytes } = header;
  if (!Number.isInteger(recordBytes) || recordBytes < kind.recordBytes) throw damaged(store, key, kind);
  return { key, header, origin, recordBytes };
}

/** Parses a header. The result is undefined if it does not say where the records lie. */
function parseHeader<Header extends BucketHeader>(text: string): Header | undefined {
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

function startsOf(counts: readonly number[], origin: number, recordBytes: number): number[] {
  let at = origin;
  return counts.map((count) => {
    const start = at;
    at += count * recordBytes;
    return start;
  });
}

function total(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0);
}
