import {
  type AsyncBuffer,
  type FileMetaData,
  parquetMetadataAsync,
  parquetSchema,
  type SchemaTree,
} from 'hyparquet';
import { isVectormillError } from '../../../core/errors.js';
import type { ColumnMapping } from '../../../core/job-spec.js';
import { type ByteSource, fetchBytes } from '../byte-source.js';
import { inputDamaged } from '../corpus-errors.js';
import { columnsToRead } from '../map-columns.js';

/**
 * The number of bytes that are fetched first from a file's end. The footers of tens of columns and
 * row groups fit.
 */
const FOOTER_BYTES = 64 * 1024;

/** A Parquet object whose footer has been read. */
export interface ParquetFile {
  buffer: AsyncBuffer;
  metadata: FileMetaData;
  /** The top-level columns that the mapping needs. */
  columns: SchemaTree[];
}

/**
 * Opens a Parquet object by its footer alone. Errors: INPUT_DAMAGED, INPUT_UNSUPPORTED,
 * INPUT_CHANGED.
 */
export async function openParquet(source: ByteSource, columns: ColumnMapping): Promise<ParquetFile> {
  const buffer: AsyncBuffer = {
    byteLength: source.objectBytes,
    slice: async (start, end = source.objectBytes) => toArrayBuffer(await fetchBytes(source, { start, end })),
  };
  const metadata = await asDamaged(source.uri, 'its Parquet footer cannot be read', () =>
    parquetMetadataAsync(buffer, { initialFetchSize: FOOTER_BYTES, geoparquet: false }),
  );
  const children = parquetSchema(metadata).children;
  const names = columnsToRead(
    children.map((child) => child.element.name),
    columns,
    { uri: source.uri, kind: 'Parquet file' },
  );
  return { buffer, metadata, columns: names.map((name) => children.find((c) => c.element.name === name)!) };
}

/** Returns where a Parquet object may be cut. Errors: as `openParquet`. */
export async function readParquetLayout(
  source: ByteSource,
  columns: ColumnMapping,
): Promise<{ groups: { bytes: number; rows: number }[] }> {
  const { metadata } = await openParquet(source, columns);
  const groups = metadata.row_groups.map((group) => ({
    rows: Number(group.num_rows),
    bytes: group.columns.reduce(
      (sum, { meta_data }) => sum + Number(meta_data?.total_compressed_size ?? 0),
      0,
    ),
  }));
  return { groups };
}

/**
 * Turns whatever the Parquet reader throws into INPUT_DAMAGED, because the file is not what its
 * footer or its pages say.
 */
export async function asDamaged<Result>(
  uri: string,
  what: string,
  read: () => Promise<Result> | Result,
): Promise<Result> {
  try {
    return await read();
  } catch (cause) {
    if (isVectormillError(cause) || (cause instanceof Error && cause.name === 'AbortError')) throw cause;
    throw inputDamaged(uri, what, { cause });
  }
}

function toArrayBuffer(bytes: Uint8Array): ArrayBuffer {
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
}
