import type { Shard, Slice } from '../../core/plan.js';
import { int32Column, int64Column, valuesOfField } from './columns.js';
import { fileDamaged } from './file-damaged.js';
import { type Footer, readTail } from './footer.js';
import { readParquetFile, writeParquetFile } from './parquet-file.js';
import { readSlices, sliceColumns } from './slice-columns.js';

const FORMAT = 'plan/1';

/** The format of plans that also say which slices of the parent have not changed. */
const CARRYING_FORMAT = 'plan/2';

/** The format of the note that takes the place of a plan that is forgotten. It has no rows. */
const FORGOTTEN_FORMAT = 'forgotten-plan/1';

/** The shard of a slice that is not read, because its object has not changed. */
const NO_SHARD = -1;

/** The standing of a plan, which its footer says. */
export interface PlanState {
  /** An `open` plan may be forgotten, a `kept` one cannot; `forgotten` is a note without a plan. */
  state: 'open' | 'kept' | 'forgotten';
  /** The number of plans of the version that were forgotten so far. */
  forgottenPlans: number;
}

/** The plan of a version that carries rows over. */
export interface CarryingPlan {
  shards: readonly Shard[];
  /** The places, in the parent's list of slices, of those that are not read. They ascend. */
  kept: readonly number[];
}

/**
 * Writes one row for each slice, in the order of shards and of slices within each. Throws
 * RangeError for a shard without slices.
 */
export function writePlanFile(shards: readonly Shard[], footer: Footer): Uint8Array {
  return writeRows(rowsOf(shards), FORMAT, footer);
}

/** Writes a plan with the slices of the parent that are not read. `slices` is the parent's list. */
export function writeCarryingPlanFile(
  { shards, kept }: CarryingPlan,
  slices: readonly Slice[],
  footer: Footer,
): Uint8Array {
  const keptRows = kept.map((place) => ({ ...slices[place]!, shard: NO_SHARD, slice: place }));
  return writeRows([...keptRows, ...rowsOf(shards)], CARRYING_FORMAT, footer);
}

/** Writes the note that a version's last plan was forgotten. */
export function writeForgottenPlan(forgottenPlans: number): Uint8Array {
  return writeRows([], FORGOTTEN_FORMAT, forgottenFooter(forgottenPlans));
}

/** Returns what the footer of a plan says of it, if it is not the first one of its version. */
export function forgottenFooter(forgottenPlans: number): Footer {
  return forgottenPlans > 0 ? { forgotten_plans: String(forgottenPlans) } : {};
}

/** Returns the same plan as one that is kept. Errors: FILE_DAMAGED. */
export function writeKeptPlan(bytes: Uint8Array, file: string): Uint8Array {
  const { columns, footer } = readParquetFile(bytes, file, FORMAT, CARRYING_FORMAT);
  const { format, ...others } = footer;
  const [shards, slices] = [columns.int64('shard'), columns.int32('slice')];
  const rows = readSlices(columns).map((slice, row) => ({
    ...slice,
    shard: shards[row]!,
    slice: slices[row]!,
  }));
  return writeRows(rows, format!, { ...others, kept: 'true' });
}

/** Reads the standing of a plan, or of what is in its place. Errors: FILE_DAMAGED. */
export function readPlanState(bytes: Uint8Array, file: string): PlanState {
  const { footer } = readTail(bytes, file);
  const forgottenPlans = Number(footer.forgotten_plans ?? 0);
  if (footer.format === FORGOTTEN_FORMAT) return { state: 'forgotten', forgottenPlans };
  return { state: footer.kept === 'true' ? 'kept' : 'open', forgottenPlans };
}

type PlanRow = Slice & { shard: number; slice: number };

function rowsOf(shards: readonly Shard[]): PlanRow[] {
  return shards.flatMap(({ shard, slices }) => {
    if (slices.length === 0) throw new RangeError(`shard ${shard} has no slices`);
    return slices.map((slice, index) => ({ ...slice, shard, slice: index }));
  });
}

function writeRows(rows: readonly PlanRow[], format: string, footer: Footer): Uint8Array {
  const columns = [
    int64Column('shard', valuesOfField(rows, 'shard')),
    int32Column('slice', valuesOfField(rows, 'slice')),
    ...sliceColumns(rows),
  ];
  return writeParquetFile(columns, { format, footer, keyColumns: ['shard'] });
}

/**
 * Reads the shards of a plan file, in file order. `file` names it in errors. Errors: FILE_DAMAGED.
 */
export function readPlanFile(bytes: Uint8Array, file: string): Shard[] {
  return readRows(bytes, file, FORMAT).shards;
}

/** Reads a plan with the slices of the parent that are not read. Errors: FILE_DAMAGED. */
export function readCarryingPlanFile(bytes: Uint8Array, file: string): CarryingPlan {
  return readRows(bytes, file, CARRYING_FORMAT);
}

/**
 * Reads the slices of a plan of either format, those that are not read included. Errors:
 * FILE_DAMAGED.
 */
export function readPlannedSlices(bytes: Uint8Array, file: string): Slice[] {
  return readSlices(readParquetFile(bytes, file, FORMAT, CARRYING_FORMAT).columns);
}

function readRows(bytes: Uint8Array, file: string, format: string) {
  const { columns } = readParquetFile(bytes, file, format);
  const sliceNumbers = columns.int32('slice');
  const slices = readSlices(columns);
  const shards: { shard: number; slices: Slice[] }[] = [];
  const kept: number[] = [];
  for (const [row, shard] of columns.int64('shard').entries()) {
    if (shard === NO_SHARD) {
      kept.push(sliceNumbers[row]!);
      continue;
    }
    if (sliceNumbers[row] === 0) shards.push({ shard, slices: [] });
    const current = shards.at(-1);
    if (current?.shard !== shard || current.slices.length !== sliceNumbers[row])
      throw fileDamaged(file, `row ${row} is not the next slice of a shard`);
    current.slices.push(slices[row]!);
  }
  return { shards, kept };
}
