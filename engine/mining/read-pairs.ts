import { type FileMetaData, parquetMetadataAsync, parquetSchema } from 'hyparquet';
import { counted } from '../../core/counted.js';
import type { PairColumns, PairFormat } from '../../core/mining/mining-spec.js';
import { type ByteSource, fetchBytes } from '../corpus/byte-source.js';
import { ExactNumber } from '../corpus/exact-number.js';
import { asDamaged } from '../corpus/parquet/open-parquet.js';
import { readWholeColumn } from '../corpus/parquet/whole-column.js';
import { badLine, type LinePlace, lineReader, readJsonLines } from '../corpus/text-lines.js';
import { readTableRows, type TableFormat } from '../tables/table-rows.js';
import { miningError } from './mining-errors.js';

/** A query and one of its positives, as the input names it. */
export interface Pair {
  query: string;
  queryId?: string;
  /** A document's id or a chunk's text. */
  positive: string;
  /** The line or row of the pair in the file, as errors count them. */
  row: number;
}

const READER = lineReader(
  'mining',
  'each pair has a query and a positive (or a list of them) that are strings',
);

/**
 * Yields the pairs of a file. A list of positives is as many pairs. An id may be a number. Errors:
 * INPUT_DAMAGED with the line or row, INPUT_UNSUPPORTED where a column is missing, INPUT_CHANGED.
 */
export async function* readPairs(
  source: ByteSource,
  { format, columns }: { format: PairFormat; columns: PairColumns },
): AsyncGenerator<Pair> {
  for await (const { fields, place } of readRecords(source, { format, columns })) {
    const query = toText(fields[columns.query], `\`${columns.query}\``, place);
    const id = fields[columns.queryId];
    const queryId = id === undefined || id === null ? undefined : toText(id, `\`${columns.queryId}\``, place);
    const value = fields[columns.positive];
    for (const positive of Array.isArray(value) ? (value as unknown[]) : [value])
      yield {
        query,
        positive: toText(positive, `\`${columns.positive}\``, place),
        row: place.line,
        ...(queryId === undefined ? {} : { queryId }),
      };
  }
}

interface PairRecord {
  fields: Readonly<Record<string, unknown>>;
  place: LinePlace;
}

function readRecords(
  source: ByteSource,
  { format, columns }: { format: PairFormat; columns: PairColumns },
): AsyncIterable<PairRecord> {
  if (format === 'jsonl') return readJsonLines(source, READER);
  if (format === 'parquet') return recordsOfParquet(source, columns);
  return recordsOfTable(source, { format, columns });
}

/** Yields the rows of a table. Where columns have the same name, the first is used. */
async function* recordsOfTable(
  source: ByteSource,
  { format, columns }: { format: TableFormat; columns: PairColumns },
): AsyncGenerator<PairRecord> {
  let names: readonly string[] | undefined;
  for await (const { fields, place } of readTableRows(source, READER, format)) {
    if (names === undefined) {
      names = fields;
      assertColumns(names, columns, source.uri);
      continue;
    }
    if (fields.length !== names.length)
      throw badLine(place, `has ${counted(fields.length, 'column')}, not ${names.length}`);
    const cells = names.map((name, index) => [name, fields[index]] as const);
    yield { fields: Object.fromEntries(cells.toReversed()), place };
  }
}

async function* recordsOfParquet(source: ByteSource, columns: PairColumns): AsyncGenerator<PairRecord> {
  const file = {
    byteLength: source.objectBytes,
    slice: async (start: number, end = source.objectBytes) =>
      new Uint8Array(await fetchBytes(source, { start, end })).buffer as ArrayBuffer,
  };
  const metadata: FileMetaData = await asDamaged(source.uri, 'its Parquet footer cannot be read', () =>
    parquetMetadataAsync(file, { geoparquet: false }),
  );
  const { children } = parquetSchema(metadata);
  const names = children.map(({ element }) => element.name);
  assertColumns(names, columns, source.uri);
  const read = children.filter(({ element }) =>
    [columns.query, columns.positive, columns.queryId].includes(element.name),
  );
  let row = 0;
  for (const group of metadata.row_groups) {
    const values = await asDamaged(source.uri, 'its Parquet pages cannot be read', () =>
      Promise.all(
        read.map((column) =>
          readWholeColumn({ metadata, group }, { column, asText: true }, (range) =>
            fetchBytes(source, range),
          ),
        ),
      ),
    );
    for (let at = 0; at < Number(group.num_rows); at += 1) {
      row += 1;
      const fields = Object.fromEntries(read.map(({ element }, index) => [element.name, values[index]![at]]));
      yield { fields, place: { ...READER, uri: source.uri, line: row } };
    }
  }
}

function assertColumns(names: readonly string[], { query, positive }: PairColumns, uri: string): void {
  const missing = [query, positive].filter((name) => !names.includes(name));
  if (missing.length === 0) return;
  throw miningError(
    'INPUT_UNSUPPORTED',
    `${uri} has no column ${missing.join(', ')}`,
    'Set `pairs.columns` to the names that the file has.',
    uri,
  );
}

function toText(value: unknown, what: string, place: LinePlace): string {
  const text = value instanceof Uint8Array ? new TextDecoder().decode(value) : value;
  if (typeof text === 'bigint' || text instanceof ExactNumber || Number.isFinite(text)) return String(text);
  if (typeof text === 'string' && text.isWellFormed()) return text;
  throw badLine(place, `has no ${what} that is a string`);
}
