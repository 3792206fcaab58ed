import { tableFromIPC, tableToIPC } from 'apache-arrow';
import type { WriterProperties } from 'parquet-wasm/node';
import { ColumnReader } from './column-reader.js';
import { arrowTable, type Column, isByteVector } from './columns.js';
import { fileDamaged } from './file-damaged.js';
import { type Footer, footerEntries, type ParquetTail, readTail } from './footer.js';
import { orderFooterEntries } from './footer-order.js';
import { type ParquetWasm, withParquetWasm } from './wasm-instance.js';

/** Bounds what a reader must hold at once: 24 MiB of 384-dimensional vectors. */
const ROWS_PER_ROW_GROUP = 16_384;

export interface WriteOptions {
  /**
   * The kind of file, and which edition of it: `chunks/1`. It is stored in the footer as `format`.
   */
  format: string;
  footer: Footer;
  /**
   * Columns whose minimum and maximum are kept for each page and row group, so that readers can
   * skip pages.
   */
  keyColumns: readonly string[];
}

/**
 * Writes columns of equal length as one Parquet file in the interchange profile, which every reader
 * we know can open: format version 1 with version 1 pages, plain encoding, Snappy. Dictionaries are
 * used only for vectors of 8-bit integers, because Parquet has no integer of fewer than 32 bits,
 * and an index into 256 values has 8. Equal input gives equal bytes.
 * Errors: INTERNAL for more data than one file may hold.
 */
export function writeParquetFile(columns: readonly Column[], options: WriteOptions): Uint8Array {
  const table = arrowTable(columns);
  const entries = footerEntries({ ...options.footer, format: options.format });
  const stream = tableToIPC(table, 'stream');
  const bytes = withParquetWasm((wasm) => {
    // The call that writes consumes both, and so frees them.
    const source = wasm.Table.fromIPCStream(stream);
    return wasm.writeParquet(source, interchangeProfile(wasm, columns, { ...options, entries }));
  });
  orderFooterEntries(bytes, entries);
  return bytes;
}

/**
 * Reads a whole file that must be of this format. Bytes that are not a sound file of it are
 * FILE_DAMAGED. Damage that leaves the file well-formed (a flipped bit in a float) must be found by
 * the caller's checksum.
 */
export function readParquetFile(
  bytes: Uint8Array,
  file: string,
  ...formats: readonly [string, ...string[]]
): { columns: ColumnReader; footer: Footer } {
  const { rows, footer } = readTailOf(bytes, file, formats);
  return { columns: readColumns(bytes, file, { rows }), footer };
}

/**
 * Reads a whole file that must be of this format, one row group after the other, which takes less
 * memory at once. Errors: as `readParquetFile`.
 */
export function* readRowGroups(
  bytes: Uint8Array,
  file: string,
  ...formats: readonly [string, ...string[]]
): Generator<ColumnReader> {
  const { rowGroups } = readTailOf(bytes, file, formats);
  for (const [group, rows] of rowGroups.entries())
    yield readColumns(bytes, file, { rows, rowGroups: [group] });
}

function readTailOf(bytes: Uint8Array, file: string, formats: readonly string[]): ParquetTail {
  const tail = readTail(bytes, file);
  if (formats.includes(tail.footer.format ?? '')) return tail;
  throw fileDamaged(file, `its footer does not say that its format is ${formats.join(' or ')}`);
}

/** Reads some row groups, or all of them. They have this number of rows. */
function readColumns(
  bytes: Uint8Array,
  file: string,
  { rows, rowGroups }: { rows: number; rowGroups?: number[] },
): ColumnReader {
  try {
    // There is one batch for all rows, so that each column is one array.
    const options = { batchSize: Math.max(rows, 1), ...(rowGroups && { rowGroups }) };
    const stream = withParquetWasm((wasm) => wasm.readParquet(bytes, options).intoIPCStream());
    const table = tableFromIPC(stream);
    if (table.numRows !== rows || table.batches.length > 1)
      throw new RangeError(`${table.numRows} rows where ${rows} are declared`);
    return new ColumnReader(table, file);
  } catch (cause) {
    throw fileDamaged(file, 'its pages cannot be decoded', cause);
  }
}

/**
 * Returns the settings of the interchange profile. They are global on purpose: parquet-wasm takes a
 * column's name for a path of one step, so nothing that is set for one column ever reaches the
 * floats inside a list.
 */
function interchangeProfile(
  wasm: ParquetWasm,
  columns: readonly Column[],
  { keyColumns, entries }: { keyColumns: readonly string[]; entries: Map<string, string> },
): WriterProperties {
  const [byteVectors, others] = [true, false].map((wanted) =>
    columns.filter(({ field }) => isByteVector(field) === wanted),
  );
  let builder = new wasm.WriterPropertiesBuilder()
    .setWriterVersion(wasm.WriterVersion.V1)
    .setCompression(wasm.Compression.SNAPPY)
    .setEncoding(wasm.Encoding.PLAIN)
    .setDictionaryEnabled(byteVectors!.length > 0)
    .setStatisticsEnabled(wasm.EnabledStatistics.None)
    .setMaxRowGroupSize(ROWS_PER_ROW_GROUP)
    .setKeyValueMetadata(entries);
  for (const { field } of others!) builder = builder.setColumnDictionaryEnabled(field.name, false);
  for (const name of keyColumns)
    builder = builder.setColumnStatisticsEnabled(name, wasm.EnabledStatistics.Page);
  return builder.build();
}
