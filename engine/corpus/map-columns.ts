import type { Document } from '../../core/document.js';
import type { ColumnMapping } from '../../core/job-spec.js';
import { inputUnsupported } from './corpus-errors.js';
import { ExactNumber } from './exact-number.js';
import { INVALID_UTF8, JsonConverter, MAX_METADATA_DEPTH, NoJsonFormError } from './json-value.js';
import { type RecordOutcome, reject } from './raw-record.js';

/**
 * The id columns that are tried, in this order, if the job names none: BEIR's, then the usual one.
 */
const DEFAULT_ID_COLUMNS = ['_id', 'id'] as const;

/**
 * Makes a record's document according to the job's column mapping. Ids may be strings or numbers. A
 * title may be missing, and one that is neither a string nor a number is left out. Metadata columns
 * that a record lacks are left out.
 */
export function mapColumns(record: Readonly<Record<string, unknown>>, columns: ColumnMapping): RecordOutcome {
  const idColumn = columns.id ?? DEFAULT_ID_COLUMNS.find((name) => isPresent(record, name)) ?? '_id';
  const id = readId(own(record, idColumn), idColumn);
  if (typeof id !== 'string') return id;
  const text = own(record, columns.text);
  if (text === INVALID_UTF8) return notUtf8(columns.text, id);
  if (typeof text !== 'string') {
    return reject('MISSING_TEXT', `column "${columns.text}" ${describe(text)}`, id);
  }
  if (!text.isWellFormed()) return halfPair(columns.text, id);
  if (text.trim() === '') {
    return reject('EMPTY_TEXT', `column "${columns.text}" is empty or only white space`, id);
  }
  const title = readTitle(own(record, columns.title));
  if (title === INVALID_UTF8) return notUtf8(columns.title, id);
  if (title?.isWellFormed() === false) return halfPair(columns.title, id);
  const document: Document = { id, text };
  if (title) document.title = title;
  if (columns.metadata.length === 0) return { document };
  const metadata: [string, unknown][] = [];
  const converter = new JsonConverter();
  for (const name of columns.metadata) {
    const value = own(record, name);
    if (value === undefined) continue;
    try {
      metadata.push([name, converter.toJson(value)]);
    } catch (error) {
      if (!(error instanceof NoJsonFormError)) throw error;
      return noMetadata(error.reason, name, id);
    }
  }
  document.metadata = Object.fromEntries(metadata);
  return { document };
}

/** Returns the columns in which a mapping accepts numbers, whether or not a record has them. */
export function mappedColumns(columns: ColumnMapping): readonly string[] {
  const ids = columns.id === undefined ? DEFAULT_ID_COLUMNS : [columns.id];
  return [...ids, columns.title, ...columns.metadata];
}

/**
 * Returns the columns of a table that a mapping needs. `remedy` replaces the usual advice if the
 * caller knows better.
 * Errors: INPUT_UNSUPPORTED if the table lacks one.
 */
export function columnsToRead(
  names: readonly string[],
  columns: ColumnMapping,
  table: { uri: string; kind: string; remedy?: string | undefined },
): string[] {
  const id = columns.id ?? DEFAULT_ID_COLUMNS.find((name) => names.includes(name)) ?? '_id';
  const required = [id, columns.text, ...columns.metadata];
  const missing = required.filter((name) => !names.includes(name));
  if (missing.length > 0) {
    const list = missing.map((name) => `"${name}"`).join(', ');
    throw inputUnsupported(
      table.uri,
      `the ${table.kind} has no column ${list}`,
      table.remedy ?? 'set input.columns to the names that the table has',
    );
  }
  return [...new Set(names.includes(columns.title) ? [...required, columns.title] : required)];
}

function readId(value: unknown, column: string): string | ReturnType<typeof reject> {
  if (value === INVALID_UTF8) return notUtf8(column);
  if (typeof value === 'bigint' || value instanceof ExactNumber) return value.toString();
  if (typeof value === 'number' && Number.isFinite(value)) return String(value);
  if (typeof value !== 'string') return reject('MISSING_ID', `column "${column}" ${describe(value)}`);
  if (value.trim() === '') return reject('MISSING_ID', `column "${column}" is empty`);
  return value.isWellFormed() ? value : halfPair(column);
}

function readTitle(value: unknown): string | typeof INVALID_UTF8 | undefined {
  if (value === INVALID_UTF8 || typeof value === 'string') return value;
  const isNumber = typeof value === 'number' || typeof value === 'bigint' || value instanceof ExactNumber;
  return isNumber ? String(value) : undefined;
}

function own(record: Readonly<Record<string, unknown>>, column: string): unknown {
  return Object.hasOwn(record, column) ? record[column] : undefined;
}

function isPresent(record: Readonly<Record<string, unknown>>, column: string): boolean {
  const value = own(record, column);
  return value !== undefined && value !== null;
}

function describe(value: unknown): string {
  if (value === undefined) return 'is absent';
  if (value === null) return 'is null';
  if (Array.isArray(value)) return 'holds a list';
  const type = value instanceof ExactNumber ? 'number' : typeof value;
  return `holds ${type === 'object' || type === 'undefined' ? 'an object' : `a ${type}`}`;
}

function noMetadata(fault: NoJsonFormError['reason'], column: string, id: string) {
  if (fault === 'utf8') return notUtf8(column, id);
  if (fault === 'half-pair') return halfPair(column, id);
  if (fault === 'size') return reject('TOO_LARGE', `column "${column}" is too much for one record`, id);
  return reject('BAD_JSON', `column "${column}" is nested deeper than ${MAX_METADATA_DEPTH} levels`, id);
}

function notUtf8(column: string, id?: string) {
  return reject('INVALID_UTF8', `column "${column}" is not valid UTF-8`, id);
}

function halfPair(column: string, id?: string) {
  return reject('INVALID_UTF8', `column "${column}" holds half a surrogate pair`, id);
}
