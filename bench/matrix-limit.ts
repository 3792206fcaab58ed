import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeModel } from '../engine/model/onnx/model-writer.js';
import { OnnxGraphBuilder } from '../engine/model/onnx/onnx-graph-builder.js';
import { FLOAT_PRODUCTS, type Products } from '../engine/model/onnx/products.js';
import { byteProducts } from '../engine/model/onnx/quantise.js';
import { InferenceSession, Tensor } from '../engine/model/session/onnx-runtime.js';

/**
 * Rows and columns of the timed product. They suit the caches of one core and are typical of an
 * encoder's layers.
 */
const ROWS = 512;
const SIZE = 1536;
const REPEATS = 6;

/**
 * The number of multiplications, each with its addition, that one core does, in thousands of
 * millions per CPU second.
 */
export interface MatrixLimits {
  float32: number;
  int8: number;
}

/**
 * Returns the speed of one core in a matrix product that does nothing else, by the same runtime. It
 * is the best of a few tries.
 */
export async function matrixLimits(): Promise<MatrixLimits> {
  const folder = await mkdtemp(join(tmpdir(), 'matrix-limit-'));
  try {
    return {
      float32: await limitOf(FLOAT_PRODUCTS, join(folder, 'float32.onnx')),
      int8: await limitOf(byteProducts({ matrix: [-1, 1] }, folder), join(folder, 'int8.onnx')),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function limitOf(products: Products, file: string): Promise<number> {
  const builder = new OnnxGraphBuilder();
  const input = builder.input('input', 'float32', [ROWS, SIZE]);
  const load = async () => Float32Array.from({ length: SIZE * SIZE }, (_, index) => Math.sin(index));
  const matrix = { name: 'matrix', inputs: SIZE, outputs: SIZE, load };
  const product = products.multiply(builder, input, matrix, undefined);
  // Only a maximum is returned, because the time to hand over the whole product would be counted,
  // too.
  builder.output('output', builder.add('ReduceMax', [product], { keepdims: { int: 0 } }), []);
  await writeModel(builder, file, 'bench');
  const session = await InferenceSession.create(file, { intraOpNumThreads: 1, interOpNumThreads: 1 });
  const data = Float32Array.from({ length: ROWS * SIZE }, (_, index) => Math.cos(index));
  const feeds = { input: new Tensor('float32', data, [ROWS, SIZE]) };
  let best = 0;
  for (let repeat = 0; repeat < REPEATS; repeat++) {
    const before = process.cpuUsage();
    await session.run(feeds);
    const { user, system } = process.cpuUsage(before);
    if (repeat > 0) best = Math.max(best, (ROWS * SIZE * SIZE) / (1e3 * (user + system)));
  }
  await session.release();
  return best;
}
