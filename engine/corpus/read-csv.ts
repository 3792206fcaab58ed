import { counted } from '../../core/counted.js';
import type { ColumnMapping } from '../../core/job-spec.js';
import { MANY_LINES } from '../../core/long-rows.js';
import { inputDamaged, inputUnsupported, REMEDY_OF_DAMAGE } from './corpus-errors.js';
import type { CsvDialect } from './csv-dialect.js';
import { type CsvRow, CsvRowSplitter, UnclosedQuoteError } from './csv-rows.js';
import { decodeUtf8 } from './decode-text.js';
import { INVALID_UTF8 } from './json-value.js';
import { columnsToRead, mapColumns } from './map-columns.js';
import { type RawRecord, type RecordOutcome, reject, tooLarge } from './raw-record.js';
import { setOwn } from './set-own.js';

export interface TableOptions {
  columns: ColumnMapping;
  maxDocumentBytes: number;
  uri: string;
  dialect: CsvDialect;
  /**
   * `byte` if the stream is the stored object itself; otherwise `row`, counted from 0 without the
   * header.
   */
  unit: 'byte' | 'row';
}

const TAB = 0x09;

interface Table {
  columns: ColumnMapping;
  width: number;
  /** The names and places of the mapped columns. */
  read: readonly (readonly [name: string, index: number])[];
}

/**
 * Yields the rows of a CSV or TSV table whose first row names the columns. Rows that end in the
 * same piece of the stream come together. `CsvRowSplitter` says what a row is.
 * Errors: INPUT_UNSUPPORTED if a mapped column is missing, INPUT_DAMAGED if a quote stays open to
 * the end.
 */
export async function* readCsv(
  bytes: AsyncIterable<Uint8Array>,
  options: TableOptions,
): AsyncGenerator<RawRecord[]> {
  const splitter = new CsvRowSplitter(options.dialect, options.maxDocumentBytes);
  let table: Table | undefined;
  let number = 0;
  for await (const rows of batches(bytes, splitter, options.uri)) {
    const records: RawRecord[] = [];
    for (const row of rows) {
      if (table === undefined) {
        table = readHeader(row, options);
        continue;
      }
      const at = options.unit === 'byte' ? row.start : number;
      number += 1;
      const record = { unit: options.unit, at, ...toOutcome(row, table, options.maxDocumentBytes) };
      records.push(row.lines > MANY_LINES ? { ...record, longRow: true } : record);
    }
    yield records;
  }
}

async function* batches(
  bytes: AsyncIterable<Uint8Array>,
  splitter: CsvRowSplitter,
  uri: string,
): AsyncGenerator<CsvRow[]> {
  for await (const piece of bytes) yield splitter.push(piece);
  try {
    yield splitter.end();
  } catch (error) {
    if (!(error instanceof UnclosedQuoteError)) throw error;
    throw inputDamaged(uri, `a quoted field of the row at byte ${error.at} is never closed`, {
      position: error.at,
      remedy: `where quotes are characters, set \`input.csv: {quote: none}\`; else ${REMEDY_OF_DAMAGE}`,
    });
  }
}

/**
 * Characters that often stand between columns when it is not the one that the table's name
 * suggests.
 */
const OTHER_DELIMITERS = /[,;|\t]/;

function readHeader(row: CsvRow, { columns, uri, dialect }: TableOptions): Table {
  const cells = row.kind === 'fields' ? row.fields.map(decodeUtf8) : [];
  if (cells.length === 0 || cells.includes(undefined)) {
    throw inputUnsupported(uri, 'the first row does not name the columns', 'put a header row first');
  }
  const names = cells as string[];
  const kind = dialect.delimiter === TAB ? 'TSV table' : 'CSV table';
  const remedy =
    names.length === 1 && OTHER_DELIMITERS.test(names[0]!)
      ? 'set input.csv.delimiter to the character that stands between the columns'
      : undefined;
  const read = columnsToRead(names, columns, { uri, kind, remedy }).map(
    (name) => [name, names.indexOf(name)] as const,
  );
  return { columns, width: names.length, read };
}

function toOutcome(row: CsvRow, table: Table, maxDocumentBytes: number): RecordOutcome {
  if (row.kind === 'too-large') return tooLarge(maxDocumentBytes);
  if (row.kind === 'bad') return reject('BAD_ROW', row.reason);
  const { fields } = row;
  if (fields.length !== table.width) {
    return reject('BAD_ROW', `the row has ${counted(fields.length, 'field')}, the header has ${table.width}`);
  }
  const record: Record<string, unknown> = {};
  for (const [name, index] of table.read) setOwn(record, name, decodeUtf8(fields[index]!) ?? INVALID_UTF8);
  return mapColumns(record, table.columns);
}
