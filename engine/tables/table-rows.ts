import { type ByteSource, wholeObject } from '../corpus/byte-source.js';
import { type CsvRow, CsvRowSplitter, UnclosedQuoteError } from '../corpus/csv-rows.js';
import { decodeUtf8, withoutByteOrderMark } from '../corpus/decode-text.js';
import { decompress } from '../corpus/decompress.js';
import { compressionOf, extensionOf } from '../corpus/detect-format.js';
import { badLine, type LinePlace, type LineReader, readTextLines } from '../corpus/text-lines.js';

export interface TableRow {
  fields: readonly string[];
  place: LinePlace;
}

const MAX_ROW_BYTES = 16 * 1024 * 1024;

/**
 * The rows of a table whose every row must be good, the first one included: TSV by its extension, else CSV. In TSV, as
 * GLUE writes it, a quote is a quote, unless it and another enclose a whole field.
 * Errors: INPUT_DAMAGED with the row, from 1, blank ones not counted.
 */
export function readTableRows(source: ByteSource, reader: LineReader): AsyncIterable<TableRow> {
  const isTsv = ['tsv', 'tab'].includes(extensionOf(source.key));
  return isTsv ? rowsOfTsv(source, reader) : rowsOfCsv(source, reader);
}

async function* rowsOfTsv(source: ByteSource, reader: LineReader): AsyncGenerator<TableRow> {
  for await (const { text, place } of readTextLines(source, reader))
    yield { fields: text.split('\t').map(unquoted), place };
}

function unquoted(field: string): string {
  const inner = /^"((?:[^"]|"")*)"$/.exec(field)?.[1];
  return inner === undefined ? field : inner.replaceAll('""', '"');
}

async function* rowsOfCsv(source: ByteSource, reader: LineReader): AsyncGenerator<TableRow> {
  const splitter = new CsvRowSplitter(','.charCodeAt(0), MAX_ROW_BYTES);
  let line = 0;
  const place = () => ({ ...reader, uri: source.uri, line });
  const toRow = (row: CsvRow): TableRow => {
    line += 1;
    return { fields: decodeRow(row, place()), place: place() };
  };
  for await (const piece of decompress(wholeObject(source), compressionOf(source.key), source.uri))
    yield* splitter.push(piece).map(toRow);
  try {
    yield* splitter.end().map(toRow);
  } catch (error) {
    if (!(error instanceof UnclosedQuoteError)) throw error;
    line += 1;
    throw badLine(place(), 'has a quoted field that is never closed');
  }
}

function decodeRow(row: CsvRow, place: LinePlace): string[] {
  if (row.kind === 'too-large') throw badLine(place, `is longer than ${MAX_ROW_BYTES} bytes`);
  if (row.kind === 'bad') throw badLine(place, `is no row: ${row.reason}`);
  return row.fields.map((bytes, index) => {
    const field = decodeUtf8(place.line === 1 && index === 0 ? withoutByteOrderMark(bytes) : bytes);
    if (field === undefined) throw badLine(place, 'is not valid UTF-8');
    return field;
  });
}
