import type { ByteSource } from '../corpus/byte-source.js';
import { csvDialect } from '../corpus/csv-dialect.js';
import { type CsvRow, CsvRowSplitter, UnclosedQuoteError } from '../corpus/csv-rows.js';
import { decodeUtf8 } from '../corpus/decode-text.js';
import { extensionOf } from '../corpus/detect-format.js';
import { objectText } from '../corpus/object-text.js';
import { badLine, type LinePlace, type LineReader } from '../corpus/text-lines.js';

export interface TableRow {
  fields: readonly string[];
  place: LinePlace;
}

export type TableFormat = 'csv' | 'tsv';

const MAX_ROW_BYTES = 16 * 1024 * 1024;

/** Returns TSV or CSV by the extension; CSV is the default. */
export function tableFormatOf(source: ByteSource): TableFormat {
  return ['tsv', 'tab'].includes(extensionOf(source.key)) ? 'tsv' : 'csv';
}

/**
 * Yields the rows of a table in which every row must be good, including the first one, in the
 * format's own dialect. Blank lines are not rows.
 * Errors: INPUT_DAMAGED with the line, from 1; INPUT_UNSUPPORTED for UTF-16; INPUT_CHANGED.
 */
export async function* readTableRows(
  source: ByteSource,
  reader: LineReader,
  format: TableFormat = tableFormatOf(source),
): AsyncGenerator<TableRow> {
  const splitter = new CsvRowSplitter(csvDialect(format), MAX_ROW_BYTES);
  const placeOf = (line: number) => ({ ...reader, uri: source.uri, line });
  const toRow = (row: CsvRow): TableRow => {
    const place = placeOf(row.line);
    return { fields: decodeRow(row, place), place };
  };
  for await (const piece of objectText(source)) yield* splitter.push(piece).map(toRow);
  try {
    yield* splitter.end().map(toRow);
  } catch (error) {
    if (!(error instanceof UnclosedQuoteError)) throw error;
    throw badLine(placeOf(error.line), 'has a quoted field that is never closed');
  }
}

function decodeRow(row: CsvRow, place: LinePlace): string[] {
  if (row.kind === 'too-large') throw badLine(place, `is longer than ${MAX_ROW_BYTES} bytes`);
  if (row.kind === 'bad') throw badLine(place, `is not a row: ${row.reason}`);
  return row.fields.map((bytes) => {
    const field = decodeUtf8(bytes);
    if (field === undefined) throw badLine(place, 'is not valid UTF-8');
    return field;
  });
}
