import type { SliceEntry } from '../../core/slice-entry.js';
import { uint32Column, utf8Column, valuesOfField } from './columns.js';
import { fileDamaged } from './file-damaged.js';
import type { Footer } from './footer.js';
import { uint32Of } from './list-values.js';
import { readParquetFile, writeParquetFile } from './parquet-file.js';
import { readSlices, sliceColumns } from './slice-columns.js';

const FORMAT = 'slice-list/1';

/** Writes a row for each slice, in the order of the corpus. */
export function writeSliceListFile(slices: readonly SliceEntry[], footer: Footer): Uint8Array {
  const columns = [
    ...sliceColumns(slices),
    uint32Column(
      'shard',
      uint32Of(slices, ({ shard }) => shard),
    ),
    uint32Column(
      'documents',
      uint32Of(slices, ({ documents }) => documents),
    ),
    uint32Column(
      'rejects',
      uint32Of(slices, ({ rejects }) => rejects),
    ),
    utf8Column('unit', valuesOfField(slices, 'unit')),
  ];
  return writeParquetFile(columns, { format: FORMAT, footer, keyColumns: [] });
}

/** Reads the slices of a list, in file order. `file` names it in errors. Errors: FILE_DAMAGED. */
export function readSliceListFile(bytes: Uint8Array, file: string): SliceEntry[] {
  const { columns } = readParquetFile(bytes, file, FORMAT);
  const shards = columns.uint32('shard');
  const documents = columns.uint32('documents');
  const rejects = columns.uint32('rejects');
  const units = columns.utf8('unit');
  return readSlices(columns).map((slice, row) => {
    const unit = units[row]!;
    if (unit !== 'byte' && unit !== 'row') throw fileDamaged(file, `row ${row} has an unknown unit`);
    return {
      ...slice,
      shard: shards[row]!,
      documents: documents[row]!,
      rejects: rejects[row]!,
      unit,
    };
  });
}
