import { type Data, type DataType, Field, Float32, Float64, Int32, List, makeData } from 'apache-arrow';
import { type Column, utf8Column } from './columns.js';

const NEVER_NULL = false;

/** Makes a column List<Utf8>, with one list for each row. */
export function utf8ListColumn(name: string, lists: readonly (readonly string[])[]): Column {
  return listColumn(name, lists, utf8Column('element', lists.flat()).data);
}

/** Makes a column List<float32>, with one list for each row. */
export function float32ListColumn(name: string, lists: readonly (readonly number[])[]): Column {
  const data = Float32Array.from(lists.flat());
  return listColumn(name, lists, makeData({ type: new Float32(), length: data.length, nullCount: 0, data }));
}

/** Makes a column List<int32>, with one list for each row. */
export function int32ListColumn(name: string, lists: readonly (readonly number[])[]): Column {
  const data = Int32Array.from(lists.flat());
  return listColumn(name, lists, makeData({ type: new Int32(), length: data.length, nullCount: 0, data }));
}

/** Makes a column of 64-bit floats, one for each row. */
export function float64Column(name: string, values: readonly number[]): Column {
  const data = makeData({
    type: new Float64(),
    length: values.length,
    nullCount: 0,
    data: Float64Array.from(values),
  });
  return { field: new Field(name, data.type, NEVER_NULL), data };
}

function listColumn<Child extends DataType>(
  name: string,
  lists: readonly (readonly unknown[])[],
  child: Data<Child>,
): Column {
  const valueOffsets = new Int32Array(lists.length + 1);
  for (const [row, list] of lists.entries()) valueOffsets[row + 1] = valueOffsets[row]! + list.length;
  const type = new List(new Field('element', child.type, NEVER_NULL));
  const data = makeData({ type, length: lists.length, nullCount: 0, valueOffsets, child });
  return { field: new Field(name, type, NEVER_NULL), data };
}
