import type { CorpusRecord } from '../../core/document.js';
import type { ColumnMapping, CsvSpec } from '../../core/job-spec.js';
import type { InputFormat, Shard, Slice } from '../../core/plan.js';
import type { StoreOpener } from '../store/store-cache.js';
import { checkCancelled } from '../store/store-errors.js';
import { type ByteSource, fetchBytes, wholeObject } from './byte-source.js';
import { csvDialect } from './csv-dialect.js';
import { decompress } from './decompress.js';
import { formatOf, type ObjectFormat } from './detect-format.js';
import { locate, openInput } from './open-input.js';
import { readParquet } from './parquet/read-parquet.js';
import type { RawRecord } from './raw-record.js';
import { readCsv } from './read-csv.js';
import { readJsonlRange, readJsonlStream } from './read-jsonl.js';
import { readSquad } from './read-squad.js';
import { readText, textTooLarge } from './read-text.js';
import { sniffJson } from './sniff-json.js';
import { utf8Stream } from './utf8-stream.js';

export interface ReadShardOptions {
  /** The job's input URI. Ids that are made from places are relative to it. */
  inputUri: string;
  format: InputFormat | 'auto';
  columns: ColumnMapping;
  csv?: CsvSpec | undefined;
  /**
   * A record with more bytes than this, decompressed, is quarantined as TOO_LARGE without being
   * held.
   */
  maxDocumentBytes: number;
  openStore: StoreOpener;
  signal?: AbortSignal;
}

/**
 * The greatest number of bytes that a record may have, whatever the job says: half of what V8's
 * longest string holds.
 */
const MAX_RECORD_BYTES = 256 * 1024 * 1024;
const OBJECTS_AHEAD = 16;
const SMALL_OBJECT_BYTES = 256 * 1024;

/**
 * Yields a shard's records in corpus order, with the same records and ordinals on every reading.
 * Records that were read together come together, because handing over each one by itself would take
 * longer than parsing it. It streams: it holds buffers and the records of one piece of an object or
 * of one page of a Parquet column. A fault in one record is a reject, never an error.
 * Errors: INPUT_CHANGED if an object is not the one that was planned, INPUT_DAMAGED if it cannot be
 * read to its end, INPUT_UNSUPPORTED if it lacks mapped columns, and the store's own.
 */
export async function* readShard(shard: Shard, job: ReadShardOptions): AsyncGenerator<CorpusRecord[]> {
  const options = { ...job, maxDocumentBytes: Math.min(job.maxDocumentBytes, MAX_RECORD_BYTES) };
  const input = openInput(options.inputUri, options.openStore);
  const sources = shard.slices.map(({ uri, etag, objectBytes }): ByteSource => {
    const { key } = locate(input, uri);
    return { uri, etag, objectBytes, store: input.store, key, signal: options.signal };
  });
  let ordinal = 0;
  for (const [index, slice] of shard.slices.entries()) {
    readAhead(sources, shard.slices, index);
    const { uri } = slice;
    const source = sources[index]!;
    const { path } = locate(input, uri);
    for await (const group of readSlice(source, slice, path, options)) {
      checkCancelled(options.signal);
      const first = ordinal;
      ordinal += group.length;
      if (group.length > 0) yield group.map((raw, member) => toCorpusRecord(raw, uri, first + member));
    }
    delete source.ahead;
  }
}

/**
 * Asks for the next small objects while this one is read, because otherwise their latencies would
 * add up.
 */
function readAhead(sources: readonly ByteSource[], slices: readonly Slice[], from: number): void {
  for (let index = from; index < Math.min(from + OBJECTS_AHEAD, slices.length); index += 1) {
    const { objectBytes, bytes } = slices[index]!;
    const source = sources[index]!;
    if (source.ahead || bytes !== objectBytes || objectBytes > SMALL_OBJECT_BYTES) continue;
    source.ahead = fetchBytes(source, { start: 0, end: objectBytes });
    // The promise is awaited at its object's turn; a failure before that must not count as
    // unhandled.
    source.ahead.catch(() => {});
  }
}

function readSlice(
  source: ByteSource,
  slice: Slice,
  path: string,
  options: ReadShardOptions,
): AsyncIterable<RawRecord[]> {
  const found = formatOf(path, options.format);
  if (found === undefined) throw new RangeError('the object has no format that the plan could have chosen');
  if (found.format === 'parquet') return readParquet(source, slice, options);
  if (found.format === 'jsonl' && found.compression === 'none') return readJsonlRange(source, slice, options);
  if (found.format === 'text') return readTextObject(source, found, path, options);
  return readStream(source, found, path, options);
}

async function* readStream(
  source: ByteSource,
  { format, compression }: ObjectFormat,
  path: string,
  options: ReadShardOptions,
): AsyncGenerator<RawRecord[]> {
  const { uri } = source;
  const stored = utf8Stream(decompress(wholeObject(source), compression, uri), uri, compression);
  const place = { ...options, uri, unit: compression === 'none' ? ('byte' as const) : ('row' as const) };
  if (format === 'csv' || format === 'tsv') {
    yield* readCsv(stored, { ...place, dialect: csvDialect(format, options.csv) });
    return;
  }
  const isAmbiguous = format === 'squad' && options.format === 'auto';
  const sniffed = isAmbiguous ? await sniffJson(stored, options.maxDocumentBytes) : { format, bytes: stored };
  if (sniffed.format === 'jsonl') yield* readJsonlStream(sniffed.bytes, options);
  else yield* readSquad(sniffed.bytes, { ...place, objectName: path.replace(/\.json$/i, '') });
}

async function* readTextObject(
  source: ByteSource,
  { compression }: ObjectFormat,
  path: string,
  options: ReadShardOptions,
): AsyncGenerator<RawRecord[]> {
  const text = { path, maxDocumentBytes: options.maxDocumentBytes };
  if (compression === 'none' && source.objectBytes > options.maxDocumentBytes) yield [textTooLarge(text)];
  else yield [await readText(decompress(wholeObject(source), compression, source.uri), text)];
}

function toCorpusRecord(raw: RawRecord, uri: string, ordinal: number): CorpusRecord {
  const position = { uri, unit: raw.unit, at: raw.at };
  const record: CorpusRecord =
    'document' in raw
      ? { kind: 'document', ordinal, position, document: raw.document }
      : { kind: 'reject', reject: { ...raw.rejection, position, ordinal } };
  return raw.longRow ? { ...record, longRow: true } : record;
}
