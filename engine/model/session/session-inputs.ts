import { Tensor } from './onnx-runtime.js';
import type { InputRole, SessionTask } from './session-task.js';

/** The rows of one model call, in the form in which a task has them. */
export interface BatchRows extends Pick<SessionTask, 'tokenIds' | 'lengths' | 'promptLength'> {
  tokenTypes: Uint8Array | undefined;
  columns: number;
}

/**
 * Yields the task's model calls, one after another. Their arrays are views of the task's arrays.
 */
export function* batchesOf({
  batches,
  tokenIds,
  tokenTypes,
  lengths,
  promptLength,
}: SessionTask): Generator<BatchRows> {
  let row = 0;
  let token = 0;
  for (const { rows, columns } of batches) {
    const own = lengths.subarray(row, row + rows);
    const end = own.reduce((sum, length) => sum + length, token);
    yield {
      tokenIds: tokenIds.subarray(token, end),
      tokenTypes: tokenTypes?.subarray(token, end),
      lengths: own,
      columns,
      promptLength,
    };
    row += rows;
    token = end;
  }
}

/** Returns the tensor of one kind of input, `[rows, columns]`, padded on the right. */
export function rowTensor(
  batch: BatchRows,
  type: 'int64' | 'int32',
  { role, firstPosition = 0 }: { role: InputRole; firstPosition?: number },
): Tensor {
  const shape = [batch.lengths.length, batch.columns];
  const values = padRows(batch, type, VALUES[role](batch, firstPosition));
  return values instanceof Int32Array
    ? new Tensor('int32', values, shape)
    : new Tensor('int64', values, shape);
}

/** The value of a token in each kind of input, by the token's number in the task and its column. */
const VALUES: Readonly<
  Record<InputRole, (batch: BatchRows, firstPosition: number) => (token: number, column: number) => number>
> = {
  tokens:
    ({ tokenIds }) =>
    (token) =>
      tokenIds[token]!,
  mask: () => () => 1,
  segments:
    ({ tokenTypes }) =>
    (token) =>
      tokenTypes?.[token] ?? 0,
  positions: (_, firstPosition) => (_token, column) => firstPosition + column,
};

/**
 * Rows of values, with 0 for padding. 64-bit values are written as pairs of 32-bit words, because
 * making a BigInt for every token would take longer than everything else here.
 */
function padRows(
  { lengths, columns }: BatchRows,
  type: 'int64' | 'int32',
  tokenValue: (token: number, column: number) => number,
): BigInt64Array | Int32Array {
  const padded = new (type === 'int64' ? BigInt64Array : Int32Array)(lengths.length * columns);
  const words = new Uint32Array(padded.buffer);
  const stride = words.length / padded.length;
  let from = 0;
  for (let row = 0; row < lengths.length; row++) {
    const length = lengths[row]!;
    for (let column = 0; column < length; column++)
      words[stride * (row * columns + column)] = tokenValue(from + column, column);
    from += length;
  }
  return padded;
}
