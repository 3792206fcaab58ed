import {
  type AsyncBuffer,
  type FileMetaData,
  parquetMetadataAsync,
  parquetReadObjects,
  parquetSchema,
  type SchemaTree,
} from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { isVectormillError } from '../../core/errors.js';
import type { ObjectStore } from '../store/object-store.js';
import { objectNotFound } from '../store/store-errors.js';
import { fileDamaged } from './file-damaged.js';

/** A Parquet file of any writer, as described by its footer and its first rows. */
export interface FileDescription {
  file: string;
  bytes: number;
  rows: number;
  rowGroups: number;
  columns: { name: string; type: string; nullable: boolean }[];
  /** The footer's key-value pairs without the serialised Arrow schema. */
  footer: Record<string, string>;
  /**
   * The column that names a row, and its first values; undefined if no column is known to name
   * rows.
   */
  ids: { column: string; first: string[] } | undefined;
}

/** Columns that name a row, the most informative first. */
const ID_COLUMNS = ['chunk_id', 'id', '_id', 'doc_id', 'shard', 'ordinal', 'row_key'];
/** This entry holds, in Base64, only what the columns already say. */
const ARROW_SCHEMA = 'ARROW:schema';

/**
 * Describes a Parquet file by ranged reads of its footer and of one column's first pages. Errors:
 * OBJECT_NOT_FOUND, FILE_DAMAGED.
 */
export async function describeFile(store: ObjectStore, key: string, rows: number): Promise<FileDescription> {
  const file = `${store.root}/${key}`;
  const info = await store.head(key);
  if (!info) throw objectNotFound(file);
  const buffer: AsyncBuffer = {
    byteLength: info.size,
    slice: async (start, end = info.size) => {
      const bytes = await store.get(key, { range: { start, end }, ifMatch: info.etag });
      return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
    },
  };
  try {
    const metadata = await parquetMetadataAsync(buffer, { geoparquet: false });
    const { children } = parquetSchema(metadata);
    return {
      file,
      bytes: info.size,
      rows: Number(metadata.num_rows),
      rowGroups: metadata.row_groups.length,
      columns: children.map((column) => describeColumn(column, metadata)),
      footer: Object.fromEntries(
        (metadata.key_value_metadata ?? [])
          .filter(({ key: name }) => name !== ARROW_SCHEMA)
          .map(({ key: name, value }) => [name, value ?? '']),
      ),
      ids: await firstIds(buffer, metadata, rows),
    };
  } catch (cause) {
    if (isVectormillError(cause)) throw cause;
    throw fileDamaged(file, 'its footer or its first page cannot be read', cause);
  }
}

async function firstIds(
  file: AsyncBuffer,
  metadata: FileMetaData,
  rows: number,
): Promise<FileDescription['ids']> {
  const names = parquetSchema(metadata).children.map(({ element }) => element.name);
  const column = ID_COLUMNS.find((name) => names.includes(name));
  if (column === undefined) return undefined;
  const rowEnd = Math.min(rows, Number(metadata.num_rows));
  const found = await parquetReadObjects({
    file,
    metadata,
    columns: [column],
    rowStart: 0,
    rowEnd,
    compressors,
  });
  return { column, first: found.map((row) => String(row[column])) };
}

function describeColumn(column: SchemaTree, metadata: FileMetaData): FileDescription['columns'][number] {
  const { name, repetition_type } = column.element;
  return { name, type: typeOf(column, metadata), nullable: repetition_type !== 'REQUIRED' };
}

function typeOf(column: SchemaTree, metadata: FileMetaData): string {
  const { type, logical_type: logical, converted_type: converted } = column.element;
  if (type !== undefined) {
    const kind =
      logical?.type === 'INTEGER' ? `${logical.isSigned ? '' : 'U'}INT${logical.bitWidth}` : logical?.type;
    return (kind ?? converted ?? type).toLowerCase();
  }
  const leaf = onlyLeaf(column);
  if (!leaf || (logical?.type !== 'LIST' && converted !== 'LIST')) return 'group';
  const length = valuesPerRow(column.element.name, metadata);
  return `list<${typeOf(leaf, metadata)}>${length === undefined ? '' : `[${length}]`}`;
}

function onlyLeaf(column: SchemaTree): SchemaTree | undefined {
  if (column.children.length === 0) return column;
  return column.children.length === 1 ? onlyLeaf(column.children[0]!) : undefined;
}

/**
 * Returns how many values every row of a list column has, or undefined unless all row groups agree
 * on the same whole number.
 */
function valuesPerRow(name: string, metadata: FileMetaData): number | undefined {
  const lengths = metadata.row_groups.map(({ num_rows, columns }) => {
    const chunk = columns.find(({ meta_data }) => meta_data?.path_in_schema[0] === name);
    return Number(chunk?.meta_data?.num_values ?? Number.NaN) / Number(num_rows);
  });
  const [length] = lengths;
  return Number.isInteger(length) && lengths.every((other) => other === length) ? length : undefined;
}
