import type { ColumnMapping } from '../../core/job-spec.js';
import type { ByteRange } from '../store/object-store.js';
import { type ByteSource, fetchBytes, streamBytes } from './byte-source.js';
import { decodeUtf8, withoutByteOrderMark } from './decode-text.js';
import { isBlank, type Line, LineSplitter } from './line-splitter.js';
import { mapColumns, mappedColumns } from './map-columns.js';
import { restoreDigits } from './parse-json.js';
import { type RawRecord, type RecordOutcome, reject, tooLarge } from './raw-record.js';
import { utf8Stream } from './utf8-stream.js';

export interface LineOptions {
  columns: ColumnMapping;
  maxDocumentBytes: number;
}

/**
 * The number of bytes that are fetched at a time beyond a slice's end to complete its last line.
 */
const FIRST_TAIL_BYTES = 16 * 1024;
const MAX_TAIL_BYTES = 4 * 1024 * 1024;

/**
 * Yields the records of the lines that begin in bytes `[start, end)` of a plain JSONL object.
 * Records that end in the same piece of the stream come together. Lines of white space are not
 * records. Positions are bytes of the object.
 * Errors: INPUT_UNSUPPORTED if the object is compressed; those of `streamBytes`.
 */
export async function* readJsonlRange(
  source: ByteSource,
  range: ByteRange,
  options: LineOptions,
): AsyncGenerator<RawRecord[]> {
  // The byte before the slice shows whether a line begins at the slice's first byte.
  const from = Math.max(0, range.start - 1);
  const splitter = new LineSplitter(options.maxDocumentBytes, from);
  let isFirst = range.start > 0;
  const bytes = streamBytes(source, { start: from, end: range.end });
  for await (const piece of from === 0 ? utf8Stream(bytes, source.uri, 'none') : bytes) {
    const lines = splitter.push(piece);
    const own = isFirst ? lines.slice(1) : lines;
    isFirst &&= lines.length === 0;
    yield own.flatMap((line) => toRecord(line, 'byte', line.start, options) ?? []);
  }
  // A slice that lies inside one line owns no line, and the line that begins at a slice's end
  // belongs to the next one.
  if (isFirst || splitter.lineStart >= range.end) return;
  const last = await completeLine(source, range.end, splitter);
  const record = last && toRecord(last, 'byte', last.start, options);
  if (record) yield [record];
}

async function completeLine(
  source: ByteSource,
  from: number,
  splitter: LineSplitter,
): Promise<Line | undefined> {
  let size = FIRST_TAIL_BYTES;
  for (let start = from; start < source.objectBytes && !splitter.isTooLong; ) {
    const end = Math.min(start + size, source.objectBytes);
    const [line] = splitter.push(await fetchBytes(source, { start, end }));
    if (line) return line;
    start = end;
    size = Math.min(size * 4, MAX_TAIL_BYTES);
  }
  return splitter.end();
}

/**
 * Yields the records of a JSONL stream that has no byte addresses, such as a compressed one.
 * Records that end in the same piece come together. Positions are lines, from 0.
 */
export async function* readJsonlStream(
  bytes: AsyncIterable<Uint8Array>,
  options: LineOptions,
): AsyncGenerator<RawRecord[]> {
  const splitter = new LineSplitter(options.maxDocumentBytes, 0);
  let number = 0;
  for await (const piece of bytes) {
    const lines = splitter.push(piece);
    const first = number;
    number += lines.length;
    yield lines.flatMap((line, index) => toRecord(line, 'row', first + index, options) ?? []);
  }
  const last = splitter.end();
  const record = last && toRecord(last, 'row', number, options);
  if (record) yield [record];
}

function toRecord(line: Line, unit: 'byte' | 'row', at: number, options: LineOptions): RawRecord | undefined {
  if (line.bytes === undefined) return { unit, at, ...tooLarge(options.maxDocumentBytes) };
  const bytes = line.start === 0 ? withoutByteOrderMark(line.bytes) : line.bytes;
  return isBlank(bytes) ? undefined : { unit, at, ...parseJsonLine(bytes, options.columns) };
}

/** Turns one line of a JSONL object into its document, or into the reason why there is none. */
function parseJsonLine(bytes: Uint8Array, columns: ColumnMapping): RecordOutcome {
  const line = decodeUtf8(bytes);
  if (line === undefined) return reject('INVALID_UTF8', 'the line is not valid UTF-8');
  let record: unknown;
  try {
    record = JSON.parse(line);
  } catch {
    // The parser's own message would quote the line.
    return reject('BAD_JSON', 'the line is not valid JSON');
  }
  if (record === null || typeof record !== 'object' || Array.isArray(record)) {
    return reject('BAD_JSON', 'the line is JSON, but not an object');
  }
  const fields = record as Record<string, unknown>;
  const mapped = mappedColumns(columns).map((name) =>
    Object.hasOwn(fields, name) ? fields[name] : undefined,
  );
  return mapColumns(restoreDigits(line, fields, mapped), columns);
}
