import type { SliceEntry } from '../../core/slice-entry.js';
import { int64Column, uint32Column, utf8Column, valuesOfField } from './columns.js';
import { fileDamaged } from './file-damaged.js';
import type { Footer } from './footer.js';
import { uint32Of } from './list-values.js';
import { readParquetFile, writeParquetFile } from './parquet-file.js';

const FORMAT = 'slice-list/1';

/** Writes a row for each slice, in the order of the corpus. */
export function writeSliceListFile(slices: readonly SliceEntry[], footer: Footer): Uint8Array {
  const columns = [
    utf8Column('uri', valuesOfField(slices, 'uri')),
    utf8Column('etag', valuesOfField(slices, 'etag')),
    int64Column('object_bytes', valuesOfField(slices, 'objectBytes')),
    int64Column('start', valuesOfField(slices, 'start')),
    int64Column('end', valuesOfField(slices, 'end')),
    int64Column('bytes', valuesOfField(slices, 'bytes')),
    int64Column('estimated_rows', valuesOfField(slices, 'estimatedRows')),
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
  const etags = columns.utf8('etag');
  const objectBytes = columns.int64('object_bytes');
  const starts = columns.int64('start');
  const ends = columns.int64('end');
  const bytesOfSlices = columns.int64('bytes');
  const estimatedRows = columns.int64('estimated_rows');
  const shards = columns.uint32('shard');
  const documents = columns.uint32('documents');
  const rejects = columns.uint32('rejects');
  const units = columns.utf8('unit');
  return columns.utf8('uri').map((uri, row) => {
    const unit = units[row]!;
    if (unit !== 'byte' && unit !== 'row') throw fileDamaged(file, `row ${row} has an unknown unit`);
    return {
      uri,
      etag: etags[row]!,
      objectBytes: objectBytes[row]!,
      start: starts[row]!,
      end: ends[row]!,
      bytes: bytesOfSlices[row]!,
      estimatedRows: estimatedRows[row]!,
      shard: shards[row]!,
      documents: documents[row]!,
      rejects: rejects[row]!,
      unit,
    };
  });
}
