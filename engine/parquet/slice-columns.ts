import type { Slice } from '../../core/plan.js';
import type { ColumnReader } from './column-reader.js';
import { type Column, int64Column, utf8Column, valuesOfField } from './columns.js';

/** Makes the columns that say which slices of a corpus the rows of a file are about. */
export function sliceColumns(slices: readonly Slice[]): Column[] {
  return [
    utf8Column('uri', valuesOfField(slices, 'uri')),
    utf8Column('etag', valuesOfField(slices, 'etag')),
    int64Column('object_bytes', valuesOfField(slices, 'objectBytes')),
    int64Column('start', valuesOfField(slices, 'start')),
    int64Column('end', valuesOfField(slices, 'end')),
    int64Column('bytes', valuesOfField(slices, 'bytes')),
    int64Column('estimated_rows', valuesOfField(slices, 'estimatedRows')),
  ];
}

/** Reads these columns back, in file order. Errors: FILE_DAMAGED. */
export function readSlices(columns: ColumnReader): Slice[] {
  const etags = columns.utf8('etag');
  const objectBytes = columns.int64('object_bytes');
  const starts = columns.int64('start');
  const ends = columns.int64('end');
  const bytesOfSlices = columns.int64('bytes');
  const estimatedRows = columns.int64('estimated_rows');
  return columns.utf8('uri').map((uri, row) => ({
    uri,
    etag: etags[row]!,
    objectBytes: objectBytes[row]!,
    start: starts[row]!,
    end: ends[row]!,
    bytes: bytesOfSlices[row]!,
    estimatedRows: estimatedRows[row]!,
  }));
}
