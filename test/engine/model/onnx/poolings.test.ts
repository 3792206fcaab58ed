import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { POOLINGS } from '../../../../core/model-signature.js';
import { writeModel } from '../../../../engine/model/onnx/model-writer.js';
import { OnnxGraphBuilder } from '../../../../engine/model/onnx/onnx-graph-builder.js';
import { appendHead } from '../../../../engine/model/onnx/sentence-head.js';
import { InferenceSession, Tensor } from '../../../../engine/model/session/onnx-runtime.js';
import { useTemporaryFolder } from '../temporary-folder.js';

const folder = useTemporaryFolder();
/** Two numbers for each token. The first two tokens may be the prompt, and the third follows it. */
const TOKENS = [
  [1, -4],
  [8, 2],
  [3, -5],
  [-2, -1],
];
const SIZE = 2;
let session: InferenceSession;

beforeAll(async () => {
  const builder = new OnnxGraphBuilder();
  const hidden = builder.input('hidden', 'float32', ['rows', 'columns', SIZE]);
  const mask = builder.input('mask', 'float32', ['rows', 'columns']);
  const dimensions = SIZE * POOLINGS.length;
  const vectors = appendHead(
    builder,
    { hidden, mask },
    {
      pooling: { modes: POOLINGS, includePrompt: false },
      layers: [],
      weightsOf: () => {
        throw new RangeError('there are no layers');
      },
      size: dimensions,
      dimensions,
      normalize: false,
    },
  );
  builder.output('vectors', vectors, ['rows', dimensions]);
  await writeModel(builder, join(folder.path, 'poolings.onnx'), 'test');
  session = await InferenceSession.create(join(folder.path, 'poolings.onnx'));
});
afterAll(() => session.release());

/** Padding holds numbers that would show in every pooling. */
async function pool(promptLength: number, padding: { left: number; right: number }): Promise<number[][]> {
  const pad = (count: number) => new Array<number[]>(count).fill([99, 99]);
  const columns = [...pad(padding.left), ...TOKENS, ...pad(padding.right)];
  const mask = columns.map(([first]) => (first === 99 ? 0 : 1));
  const { vectors } = await session.run({
    hidden: new Tensor('float32', columns.flat(), [1, columns.length, SIZE]),
    mask: new Tensor('float32', mask, [1, columns.length]),
    prompt_length: new Tensor('int64', [BigInt(promptLength)], [1]),
  });
  const values = [...(vectors!.data as Float32Array)];
  return POOLINGS.map((_, index) => values.slice(index * SIZE, (index + 1) * SIZE));
}

const PADDINGS = [
  { left: 0, right: 0 },
  { left: 0, right: 3 },
  { left: 2, right: 0 },
];
const near = (rows: readonly number[][]) => rows.map((row) => row.map((value) => expect.closeTo(value, 5)));

describe.each(PADDINGS)('pooling a row with padding of $left and $right columns', (padding) => {
  test('uses its tokens and nothing else', async () => {
    const weighted = [(1 + 16 + 9 - 8) / 10, (-4 + 4 - 15 - 4) / 10];
    const expected = [[1, -4], [8, 2], [2.5, -2], [5, -4], weighted, [-2, -1]];
    expect(await pool(0, padding)).toEqual(near(expected));
  });

  test('leaves a prompt out, but its tokens count in the numbers of those after it', async () => {
    const root = Math.sqrt(2);
    const weighted = [(9 - 8) / 7, (-15 - 4) / 7];
    const expected = [[3, -5], [3, -1], [0.5, -3], [1 / root, -6 / root], weighted, [-2, -1]];
    expect(await pool(2, padding)).toEqual(near(expected));
  });

  test('gives zeros for averages and the last token if no token is left', async () => {
    const [, , ...averages] = await pool(TOKENS.length, padding);
    expect(averages).toEqual(near(averages.map(() => [0, 0])));
  });
});
