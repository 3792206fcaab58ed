import type { PartFileRef } from '../../core/commit.js';
import { bytesColumn, uint32Column, utf8Column, valuesOfField } from './columns.js';
import type { Footer } from './footer.js';
import { hexAt, SHA256_BYTES, sha256BytesOf, uint32Of } from './list-values.js';
import { readParquetFile, writeParquetFile } from './parquet-file.js';

const FORMAT = 'file-list/1';

/** Writes a row for each file, in the order given. */
export function writeFileListFile(files: readonly PartFileRef[], footer: Footer): Uint8Array {
  const columns = [
    utf8Column('key', valuesOfField(files, 'key')),
    bytesColumn('sha256', sha256BytesOf(files), SHA256_BYTES),
    uint32Column(
      'bytes',
      uint32Of(files, ({ bytes }) => bytes),
    ),
  ];
  return writeParquetFile(columns, { format: FORMAT, footer, keyColumns: [] });
}

/** Reads the files of a list. `file` names it in errors. Errors: FILE_DAMAGED. */
export function readFileListFile(bytes: Uint8Array, file: string): PartFileRef[] {
  const { columns } = readParquetFile(bytes, file, FORMAT);
  const hashes = columns.bytes('sha256', SHA256_BYTES);
  const bytesOfFiles = columns.uint32('bytes');
  return columns.utf8('key').map((key, row) => ({
    key,
    sha256: hexAt(hashes, row, SHA256_BYTES),
    bytes: bytesOfFiles[row]!,
  }));
}
