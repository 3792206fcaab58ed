import type { Shard, Slice } from '../../core/plan.js';
import { int32Column, int64Column, valuesOfField } from './columns.js';
import { fileDamaged } from './file-damaged.js';
import type { Footer } from './footer.js';
import { readParquetFile, writeParquetFile } from './parquet-file.js';
import { readSlices, sliceColumns } from './slice-columns.js';

const FORMAT = 'plan/1';

/**
 * Writes one row for each slice, in the order of shards and of slices within each. Throws
 * RangeError for a shard without slices.
 */
export function writePlanFile(shards: readonly Shard[], footer: Footer): Uint8Array {
  const rows = shards.flatMap(({ shard, slices }) => {
    if (slices.length === 0) throw new RangeError(`shard ${shard} has no slices`);
    return slices.map((slice, index) => ({ ...slice, shard, slice: index }));
  });
  const columns = [
    int64Column('shard', valuesOfField(rows, 'shard')),
    int32Column('slice', valuesOfField(rows, 'slice')),
    ...sliceColumns(rows),
  ];
  return writeParquetFile(columns, { format: FORMAT, footer, keyColumns: ['shard'] });
}

/**
 * Reads the shards of a plan file, in file order. `file` names it in errors. Errors: FILE_DAMAGED.
 */
export function readPlanFile(bytes: Uint8Array, file: string): Shard[] {
  const { columns } = readParquetFile(bytes, file, FORMAT);
  const sliceNumbers = columns.int32('slice');
  const slices = readSlices(columns);
  const shards: { shard: number; slices: Slice[] }[] = [];
  for (const [row, shard] of columns.int64('shard').entries()) {
    if (sliceNumbers[row] === 0) shards.push({ shard, slices: [] });
    const current = shards.at(-1);
    if (current?.shard !== shard || current.slices.length !== sliceNumbers[row])
      throw fileDamaged(file, `row ${row} is not the next slice of a shard`);
    current.slices.push(slices[row]!);
  }
  return shards;
}
