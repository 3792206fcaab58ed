import type { Document } from '../../core/document.js';
import type { InputSpec } from '../../core/job-spec.js';
import type { Shard, Slice } from '../../core/plan.js';
import { formatOf } from '../corpus/detect-format.js';
import { locate, openInput } from '../corpus/open-input.js';
import { readShard } from '../corpus/read-shard.js';
import type { ObjectStore } from '../store/object-store.js';
import type { StoreOpener } from '../store/store-cache.js';

/**
 * A corpus of at most this many stored bytes is read whole. From a larger one, this many bytes are
 * read, at this many places.
 */
const WHOLE_BYTES = 4 * 1024 * 1024;
const PLACES = 16;
const PLACE_BYTES = 256 * 1024;
/**
 * The number of slices that are read together if all are read, so that small objects are requested
 * ahead.
 */
const SLICES_TOGETHER = 64;
/**
 * The number of rows that are read at each place of a Parquet file whose columns are read by pages.
 */
const PLACE_ROWS = 500;

/** The number of bytes that are handed to a reader at once while they are counted. */
const METERED_BYTES = 16 * 1024;

/** The ways in which the records of a slice can be counted and read in part. */
type Reading = 'lines' | 'rows' | 'texts' | 'stream';

/** The sample that was read of the slices that are read in the same way. */
export interface CorpusSample {
  documents: Document[];
  rejects: number;
  /**
   * The number of records of the corpus for which each record that was read stands; 1 if all were
   * read.
   */
  factor: number;
}

/** A place to read at: a slice, a part of one, or several small ones. */
interface Place {
  slices: readonly Slice[];
  reading: Reading;
  maxBytes: number;
  maxRecords: number;
}

/** The records that were read at one place. */
interface Read {
  documents: Document[];
  records: number;
  /** The stored bytes from which the records were read. */
  bytes: number;
}

/**
 * Reads a small corpus whole. In a larger one, it reads some places that are spread evenly over its
 * bytes. For lines and tables it counts the records in the bytes that it read; Parquet says how
 * many rows it has, and a text file is one record.
 * Errors: those of `readShard`.
 */
export async function sampleCorpus(
  shards: readonly Shard[],
  input: InputSpec,
  openStore: StoreOpener,
  onPlace: (done: number, total: number) => void,
): Promise<CorpusSample[]> {
  const opened = openInput(input.uri, openStore);
  const slices = shards.flatMap((shard) => shard.slices);
  const groups = new Map<Reading, Slice[]>();
  for (const slice of slices) {
    const reading = readingOf(locate(opened, slice.uri).path, input);
    groups.set(reading, [...(groups.get(reading) ?? []), slice]);
  }
  const isWhole = bytesOf(slices) <= WHOLE_BYTES;
  const chosen = [...groups].map(([reading, own]) => ({
    reading,
    slices: own,
    places: isWhole ? wholePlaces(own, reading) : placesIn(own, reading),
  }));
  const total = chosen.reduce((sum, { places }) => sum + places.length, 0);
  const samples: CorpusSample[] = [];
  let done = 0;
  for (const { reading, slices: own, places } of chosen) {
    const reads: Read[] = [];
    for (const place of places) {
      reads.push(await readPlace(place, input, openStore));
      onPlace(++done, total);
    }
    samples.push(sampleOf(reads, isWhole ? 1 : factorOf(reading, own, reads)));
  }
  return samples;
}

function readingOf(path: string, { format }: InputSpec): Reading {
  const found = formatOf(path, format);
  if (found?.format === 'parquet') return 'rows';
  if (found?.format === 'text') return 'texts';
  return found?.format === 'jsonl' && found.compression === 'none' ? 'lines' : 'stream';
}

function wholePlaces(slices: readonly Slice[], reading: Reading): Place[] {
  const places: Place[] = [];
  for (let from = 0; from < slices.length; from += SLICES_TOGETHER)
    places.push({
      slices: slices.slice(from, from + SLICES_TOGETHER),
      reading,
      maxBytes: Number.POSITIVE_INFINITY,
      maxRecords: Number.POSITIVE_INFINITY,
    });
  return places;
}

/**
 * Spreads places evenly over the bytes. A slice is chosen once, except for plain lines, which can
 * be read from anywhere in it.
 */
function placesIn(slices: readonly Slice[], reading: Reading): Place[] {
  const bytes = bytesOf(slices);
  const places: Omit<Place, 'maxBytes'>[] = [];
  const chosen = new Set<Slice>();
  for (let place = 0; place < PLACES; place += 1) {
    const at = (bytes * (place + 0.5)) / PLACES;
    const found = sliceAt(slices, at);
    if (chosen.has(found.slice) && reading !== 'lines') continue;
    chosen.add(found.slice);
    const slice =
      reading === 'lines' ? windowAt(found) : reading === 'rows' ? firstGroup(found.slice) : found.slice;
    places.push({
      slices: [slice],
      reading,
      maxRecords: reading === 'rows' ? PLACE_ROWS : Number.POSITIVE_INFINITY,
    });
  }
  return places.map((place) => ({ ...place, maxBytes: WHOLE_BYTES / places.length }));
}

/** Returns the slice that covers a byte of all of them, and how far into it that byte lies. */
function sliceAt(slices: readonly Slice[], at: number): { slice: Slice; offset: number } {
  let before = 0;
  for (const slice of slices) {
    if (at < before + slice.bytes) return { slice, offset: at - before };
    before += slice.bytes;
  }
  return { slice: slices.at(-1)!, offset: 0 };
}

function windowAt({ slice, offset }: { slice: Slice; offset: number }): Slice {
  const start = Math.min(slice.start + Math.floor(offset), Math.max(slice.start, slice.end - PLACE_BYTES));
  const end = Math.min(slice.end, start + PLACE_BYTES);
  return { ...slice, start, end, bytes: end - start };
}

function firstGroup(slice: Slice): Slice {
  return { ...slice, end: Math.min(slice.end, slice.start + 1) };
}

async function readPlace(place: Place, input: InputSpec, openStore: StoreOpener): Promise<Read> {
  const { slices, reading, maxBytes, maxRecords } = place;
  const meter = { bytes: 0 };
  const read: Read = { documents: [], records: 0, bytes: bytesOf(slices) };
  const options = {
    ...input,
    inputUri: input.uri,
    openStore: (root: string) => metered(openStore(root), meter),
  };
  let first: { bytes: number; records: number } | undefined;
  for await (const group of readShard({ shard: 0, slices }, options)) {
    for (const record of group) {
      read.records += 1;
      if (record.kind === 'document') read.documents.push(record.document);
    }
    first ??= { bytes: meter.bytes, records: read.records };
    if (read.records >= maxRecords) break;
    if (reading !== 'stream' || meter.bytes < maxBytes || read.records === first.records) continue;
    // Readers fetch ahead of what they hand over, always by the same amount. So the difference
    // between two moments covers only these records.
    const fraction = (read.records - first.records) / read.records;
    read.bytes = Math.min(read.bytes, (meter.bytes - first.bytes) / fraction);
    break;
  }
  return read;
}

function sampleOf(reads: readonly Read[], factor: number): CorpusSample {
  const documents = reads.flatMap((read) => read.documents);
  const records = reads.reduce((sum, read) => sum + read.records, 0);
  return { documents, rejects: records - documents.length, factor };
}

/**
 * Returns how many records there are for each one that was read, estimated by the rows that Parquet
 * counts, by files of text, or otherwise by bytes.
 */
function factorOf(reading: Reading, slices: readonly Slice[], reads: readonly Read[]): number {
  const records = reads.reduce((sum, read) => sum + read.records, 0);
  if (records === 0) return 0;
  if (reading === 'rows') return slices.reduce((sum, { estimatedRows }) => sum + estimatedRows, 0) / records;
  if (reading === 'texts') return slices.length / records;
  return bytesOf(slices) / reads.reduce((sum, { bytes }) => sum + bytes, 0);
}

function bytesOf(slices: readonly Slice[]): number {
  return slices.reduce((sum, { bytes }) => sum + bytes, 0);
}

/** Returns a store that counts the bytes that readers have taken from it. */
function metered(store: ObjectStore, meter: { bytes: number }): ObjectStore {
  return {
    root: store.root,
    async *stream(key, options) {
      for await (const piece of store.stream(key, options))
        for (let start = 0; start < piece.length; start += METERED_BYTES) {
          const part = piece.subarray(start, start + METERED_BYTES);
          meter.bytes += part.length;
          yield part;
        }
    },
    async get(key, options) {
      const bytes = await store.get(key, options);
      meter.bytes += bytes.length;
      return bytes;
    },
    head: (key) => store.head(key),
    list: (prefix) => store.list(prefix),
    put: (key, body, options) => store.put(key, body, options),
    delete: (key) => store.delete(key),
    close: () => store.close(),
  };
}
