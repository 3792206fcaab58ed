import {
  Binary,
  Bool,
  type Data,
  DataType,
  Field,
  FixedSizeBinary,
  FixedSizeList,
  Float16,
  Float32,
  Int8,
  Int32,
  Int64,
  makeData,
  RecordBatch,
  Schema,
  Struct,
  Table,
  Uint8,
  Uint32,
  Uint64,
  Utf8,
} from 'apache-arrow';
import { VectormillError } from '../../core/errors.js';
import type { StoredValues } from '../../core/vector-encoding.js';

/** One column that is ready to be written: its field and its values in Arrow's layout. */
export interface Column {
  field: Field;
  data: Data;
}

const NEVER_NULL = false;

/** Returns one member of each row. */
export function valuesOfField<Row, Name extends keyof Row>(rows: readonly Row[], name: Name): Row[Name][] {
  return rows.map((row) => row[name]);
}

/** Makes a column of unsigned 64-bit integers. The array is used as it is. */
export function uint64Column(name: string, values: BigUint64Array): Column {
  const type = new Uint64();
  return column(name, makeData({ type, length: values.length, nullCount: 0, data: values }));
}

/** Makes a column of signed 32-bit integers, for counts that a document's size bounds. */
export function int32Column(name: string, values: readonly number[]): Column {
  const data = Int32Array.from(values);
  return column(name, makeData({ type: new Int32(), length: values.length, nullCount: 0, data }));
}

/**
 * Makes a column of signed 64-bit integers from safe integers, for bytes and rows of objects of any
 * size.
 */
export function int64Column(name: string, values: readonly number[]): Column {
  const data = BigInt64Array.from(values, BigInt);
  return column(name, makeData({ type: new Int64(), length: values.length, nullCount: 0, data }));
}

/** Makes a column of unsigned 32-bit integers. The array is used as it is. */
export function uint32Column(name: string, values: Uint32Array): Column {
  const type = new Uint32();
  return column(name, makeData({ type, length: values.length, nullCount: 0, data: values }));
}

/** Makes the same column with undefined for null. */
export function nullableUint32Column(name: string, values: readonly (number | undefined)[]): Column {
  const present = values.map((value) => value !== undefined);
  const data = makeData({
    type: new Uint32(),
    length: values.length,
    nullCount: present.filter((isPresent) => !isPresent).length,
    nullBitmap: bitmap(present),
    data: Uint32Array.from(values, (value) => value ?? 0),
  });
  return { field: new Field(name, data.type, true), data };
}

/**
 * Makes a column of byte strings of equal length, such as hashes. `values` is row-major `[rows,
 * width]` and used as it is.
 */
export function bytesColumn(name: string, values: Uint8Array, width: number): Column {
  if (values.length % width !== 0) throw new RangeError(`${values.length} bytes for rows of ${width}`);
  const type = new FixedSizeBinary(width);
  return column(name, makeData({ type, length: values.length / width, nullCount: 0, data: values }));
}

/** Byte strings, one for each row, in Arrow's layout. */
export interface ByteStrings {
  /** `[rows + 1]`: the string of a row is `[offsets[row], offsets[row + 1])` of the bytes. */
  offsets: Int32Array;
  bytes: Uint8Array;
}

/** Makes a column of byte strings of any length. Both arrays are used as they are. */
export function binaryColumn(name: string, { offsets, bytes }: ByteStrings): Column {
  const length = offsets.length - 1;
  const type = new Binary();
  return column(name, makeData({ type, length, nullCount: 0, valueOffsets: offsets, data: bytes }));
}

/** Makes a column of truth values. */
export function boolColumn(name: string, values: readonly boolean[]): Column {
  const data = bitmap(values);
  return column(name, makeData({ type: new Bool(), length: values.length, nullCount: 0, data }));
}

/** Makes a column of strings in UTF-8. Half a surrogate pair becomes U+FFFD. */
export function utf8Column(name: string, values: readonly string[]): Column {
  return column(name, makeData({ type: new Utf8(), length: values.length, nullCount: 0, ...utf8(values) }));
}

/** Makes the same column with undefined for null. */
export function nullableUtf8Column(name: string, values: readonly (string | undefined)[]): Column {
  const present = values.map((value) => value !== undefined);
  const data = makeData({
    type: new Utf8(),
    length: values.length,
    nullCount: present.filter((isPresent) => !isPresent).length,
    nullBitmap: bitmap(present),
    ...utf8(values.map((value) => value ?? '')),
  });
  return { field: new Field(name, data.type, true), data };
}

/**
 * Makes a column FixedSizeList<T not null>[width], where T is float32, float16 (from its bits),
 * int8 or uint8, according to the array's own type. `values` is row-major `[rows, width]` and used
 * as it is. The child is called `element`, as the Parquet format requires of every list. Throws
 * RangeError unless the rows are whole.
 */
export function vectorColumn(name: string, values: StoredValues, width: number): Column {
  if (values.length % width !== 0) throw new RangeError(`${values.length} values for rows of ${width}`);
  const child = elementData(values);
  const type = new FixedSizeList(width, new Field('element', child.type, NEVER_NULL));
  return column(name, makeData({ type, length: values.length / width, nullCount: 0, child }));
}

/**
 * Makes a table of one batch out of columns of equal length. Throws RangeError for other columns.
 * Errors: INTERNAL for more data than one file may hold.
 */
export function arrowTable(columns: readonly Column[]): Table {
  const fields = columns.map(({ field }) => field);
  const children = columns.map(({ data }) => data);
  const length = children[0]?.length ?? 0;
  const uneven = columns.find(({ data }) => data.length !== length);
  if (uneven) throw new RangeError(`${uneven.field.name} has ${uneven.data.length} rows, not ${length}`);
  assertTableSize(children.reduce((bytes, data) => bytes + data.byteLength, 0));
  const schema = new Schema(fields);
  const data = makeData({ type: new Struct(fields), length, nullCount: 0, children });
  return new Table(schema, [new RecordBatch(schema, data)]);
}

/** Says whether a column holds lists of 8-bit integers. */
export function isByteVector({ type }: Field): boolean {
  return (
    DataType.isFixedSizeList(type) &&
    DataType.isInt(type.children[0]?.type) &&
    type.children[0].type.bitWidth === 8
  );
}

function elementData(values: StoredValues): Data<DataType> {
  const sizes = { length: values.length, nullCount: 0 };
  if (values instanceof Float32Array) return makeData({ ...sizes, type: new Float32(), data: values });
  if (values instanceof Uint16Array) return makeData({ ...sizes, type: new Float16(), data: values });
  if (values instanceof Int8Array) return makeData({ ...sizes, type: new Int8(), data: values });
  return makeData({ ...sizes, type: new Uint8(), data: values });
}

function column(name: string, data: Data<DataType>): Column {
  return { field: new Field(name, data.type, NEVER_NULL), data };
}

function utf8(values: readonly string[]): { valueOffsets: Int32Array; data: Uint8Array } {
  const valueOffsets = new Int32Array(values.length + 1);
  let bytes = 0;
  for (let index = 0; index < values.length; index += 1) {
    bytes += Buffer.byteLength(values[index]!);
    assertTableSize(bytes);
    valueOffsets[index + 1] = bytes;
  }
  const data = Buffer.allocUnsafeSlow(bytes);
  for (let index = 0; index < values.length; index += 1) data.write(values[index]!, valueOffsets[index]!);
  return { valueOffsets, data };
}

/** Packs values into one bit each, the least significant bit first. */
function bitmap(values: readonly boolean[]): Uint8Array {
  const bits = new Uint8Array(Math.ceil(values.length / 8));
  for (const [index, value] of values.entries()) if (value) bits[index >> 3]! |= 1 << (index & 7);
  return bits;
}

/**
 * The number of bytes of Arrow data that one file may hold. A wasm memory ends at 4 GiB; writing
 * holds the table about twice in it, and also the file (see docs/performance/parquet.md).
 */
const LARGEST_TABLE = 512 * 1024 * 1024;

/**
 * Refuses a table that could exhaust the writer's memory. Errors: INTERNAL, because parts are
 * planned far smaller.
 */
function assertTableSize(bytes: number): void {
  if (bytes <= LARGEST_TABLE) return;
  throw new VectormillError(
    'INTERNAL',
    `a table of ${bytes} bytes is over the ${LARGEST_TABLE} of one file`,
    {
      component: 'parquet',
      remedy: 'Write fewer rows per part.',
    },
  );
}
