import type { ListedRows } from '../../core/listed-rows.js';
import { binaryColumn, bytesColumn, uint32Column } from './columns.js';
import type { Footer } from './footer.js';
import { hexAt, SHA256_BYTES, sha256BytesOf, uint32Of } from './list-values.js';
import { decodeLiveRanges, encodeLiveRanges } from './live-ranges-column.js';
import { readParquetFile, writeParquetFile } from './parquet-file.js';

const FORMAT = 'row-list/1';

/** Writes rows of vector files, in the order of their row keys. */
export function writeRowListFile(files: readonly ListedRows[], footer: Footer): Uint8Array {
  const columns = [
    uint32Column(
      'shard',
      uint32Of(files, ({ shard }) => shard),
    ),
    uint32Column(
      'start',
      uint32Of(files, ({ start }) => start),
    ),
    uint32Column(
      'end',
      uint32Of(files, ({ end }) => end),
    ),
    binaryColumn('live', encodeLiveRanges(files)),
    bytesColumn('vectors_sha256', sha256BytesOf(files), SHA256_BYTES),
  ];
  return writeParquetFile(columns, { format: FORMAT, footer, keyColumns: ['shard', 'start'] });
}

/** Reads a list of rows. `file` names it in errors. Errors: FILE_DAMAGED. */
export function* readRowListFile(bytes: Uint8Array, file: string): Generator<ListedRows> {
  const { columns } = readParquetFile(bytes, file, FORMAT);
  const shards = columns.uint32('shard');
  const starts = columns.uint32('start');
  const ends = columns.uint32('end');
  const hashes = columns.bytes('vectors_sha256', SHA256_BYTES);
  const live = decodeLiveRanges(columns.binary('live'), { starts, ends, file });
  for (let place = 0; place < shards.length; place += 1)
    yield {
      shard: shards[place]!,
      start: starts[place]!,
      end: ends[place]!,
      live: live.rangesAt(place),
      sha256: hexAt(hashes, place, SHA256_BYTES),
    };
}
