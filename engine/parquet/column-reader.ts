import { type Data, DataType, type FixedSizeList, Precision, type Table } from 'apache-arrow';
import type { StoredValues } from '../../core/vector-encoding.js';
import type { ByteStrings } from './columns.js';
import { fileDamaged } from './file-damaged.js';

/**
 * Gives typed access to the columns of one file. Arrays are views of the bytes that were decoded,
 * not copies. Every method throws FILE_DAMAGED if there is no such column, or if it has another
 * type or a null that it may not have.
 */
export class ColumnReader {
  readonly rows: number;
  readonly #table: Table;
  readonly #file: string;

  /** `table` has at most one record batch. */
  constructor(table: Table, file: string) {
    this.rows = table.numRows;
    this.#table = table;
    this.#file = file;
  }

  /** Says whether there is a column of this name. */
  has(name: string): boolean {
    return this.#table.getChild(name) !== null;
  }

  uint64(name: string): BigUint64Array {
    const data = this.#column(name, (type) => DataType.isInt(type) && type.bitWidth === 64 && !type.isSigned);
    return (data.values as BigUint64Array).subarray(0, this.rows);
  }

  uint32(name: string): Uint32Array {
    const data = this.#column(name, (type) => DataType.isInt(type) && type.bitWidth === 32 && !type.isSigned);
    return (data.values as Uint32Array).subarray(0, this.rows);
  }

  /** Says whether any row has a value in a column. */
  hasValues(name: string): boolean {
    return this.#find(name, () => true).nullCount < this.rows;
  }

  nullableUint32(name: string): (number | undefined)[] {
    const data = this.#find(name, (type) => DataType.isInt(type) && type.bitWidth === 32 && !type.isSigned);
    const values = (data.values as Uint32Array).subarray(0, this.rows);
    return Array.from(values, (value, row) => (data.getValid(row) ? value : undefined));
  }

  float64(name: string): Float64Array {
    const isDouble = (type: DataType) => DataType.isFloat(type) && type.precision === Precision.DOUBLE;
    return (this.#column(name, isDouble).values as Float64Array).subarray(0, this.rows);
  }

  /** Returns a column of byte strings of `width` bytes as row-major `[rows, width]`. */
  bytes(name: string, width: number): Uint8Array {
    const isBytes = (type: DataType) => DataType.isFixedSizeBinary(type) && type.byteWidth === width;
    return (this.#column(name, isBytes).values as Uint8Array).subarray(0, this.rows * width);
  }

  /** Returns a column of byte strings of any length. */
  binary(name: string): ByteStrings {
    const { valueOffsets, values } = this.#column(name, DataType.isBinary);
    return { offsets: valueOffsets as Int32Array, bytes: values as Uint8Array };
  }

  int32(name: string): Int32Array {
    const data = this.#column(name, (type) => DataType.isInt(type) && type.bitWidth === 32 && type.isSigned);
    return (data.values as Int32Array).subarray(0, this.rows);
  }

  /** Returns a signed 64-bit column whose values are all safe integers. */
  int64(name: string): number[] {
    const data = this.#column(name, (type) => DataType.isInt(type) && type.bitWidth === 64 && type.isSigned);
    const values = Array.from((data.values as BigInt64Array).subarray(0, this.rows), Number);
    if (!values.every(Number.isSafeInteger)) throw this.#damaged(`column ${name} holds an unsafe integer`);
    return values;
  }

  bool(name: string): boolean[] {
    const bits = this.#column(name, DataType.isBool).values as Uint8Array;
    return Array.from({ length: this.rows }, (_, row) => (bits[row >> 3]! & (1 << (row & 7))) !== 0);
  }

  utf8(name: string): string[] {
    return strings(this.#column(name, DataType.isUtf8));
  }

  nullableUtf8(name: string): (string | undefined)[] {
    const data = this.#find(name, DataType.isUtf8);
    return strings(data).map((value, row) => (data.getValid(row) ? value : undefined));
  }

  /**
   * Returns a FixedSizeList column of float32, float16 (as its bits), int8 or uint8 as row-major
   * `[rows, width]`.
   */
  vectors(name: string): { values: StoredValues; width: number } {
    const data = this.#column(name, DataType.isFixedSizeList) as Data<FixedSizeList>;
    const width = data.type.listSize;
    const elements = data.children[0] as Data;
    if (!isStorable(elements.type) || elements.nullCount > 0)
      throw this.#damaged(`column ${name} holds no vectors of a known type`);
    return { values: (elements.values as StoredValues).subarray(0, this.rows * width), width };
  }

  #column(name: string, isType: (type: DataType) => boolean): Data {
    const data = this.#find(name, isType);
    if (data.nullCount > 0) throw this.#damaged(`column ${name} holds a null`);
    return data;
  }

  #find(name: string, isType: (type: DataType) => boolean): Data {
    const data = this.#table.getChild(name)?.data[0];
    if (!data || !isType(data.type)) throw this.#damaged(`it has no column ${name} of the expected type`);
    return data;
  }

  #damaged(what: string) {
    return fileDamaged(this.#file, what);
  }
}

function isStorable(type: DataType): boolean {
  if (DataType.isFloat(type)) return type.precision !== Precision.DOUBLE;
  return DataType.isInt(type) && type.bitWidth === 8;
}

/**
 * Decodes strings without Arrow's own decoder, which drops a byte order mark at a string's start.
 */
function strings({ valueOffsets, values, length }: Data): string[] {
  const bytes = values as Uint8Array;
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length }, (_, row) => text.toString('utf8', valueOffsets[row], valueOffsets[row + 1]));
}
