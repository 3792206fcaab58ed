import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ACTIVATIONS } from '../../../../engine/model/onnx/activations.js';
import { writeModel } from '../../../../engine/model/onnx/model-writer.js';
import { OnnxGraphBuilder } from '../../../../engine/model/onnx/onnx-graph-builder.js';
import { InferenceSession, Tensor } from '../../../../engine/model/session/onnx-runtime.js';
import { largestDifference } from '../reference.js';
import { useTemporaryFolder } from '../temporary-folder.js';

const folder = useTemporaryFolder();

const approximate = (x: number) =>
  0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));
const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
/** Computes x times the integral of the normal distribution, by Simpson's rule. */
const exact = (x: number) => {
  const steps = 400;
  let sum = 0;
  for (let step = 0; step <= steps; step++) {
    const weight = step === 0 || step === steps ? 1 : step % 2 === 1 ? 4 : 2;
    sum += weight * Math.exp(-(((x * step) / steps) ** 2) / 2);
  }
  return x * (0.5 + ((x / steps) * sum) / 3 / Math.sqrt(2 * Math.PI));
};

const formulas: Record<string, (x: number) => number> = {
  gelu: exact,
  gelu_python: exact,
  gelu_new: approximate,
  gelu_fast: approximate,
  gelu_accurate: approximate,
  gelu_pytorch_tanh: approximate,
  gelu_python_tanh: approximate,
  quick_gelu: (x) => x * sigmoid(1.702 * x),
  silu: (x) => x * sigmoid(x),
  relu: (x) => Math.max(x, 0),
  relu2: (x) => Math.max(x, 0) ** 2,
  tanh: Math.tanh,
};

test.each(Object.keys(ACTIVATIONS))('the activation %s equals its formula', async (name) => {
  const inputs = Array.from({ length: 81 }, (_, index) => (index - 40) / 8);
  const builder = new OnnxGraphBuilder();
  const input = builder.input('input', 'float32', [inputs.length]);
  builder.output('output', ACTIVATIONS[name]!(builder, input), [inputs.length]);
  const file = join(folder.path, `${name}.onnx`);
  await writeModel(builder, file, 'test');
  const session = await InferenceSession.create(file);
  const { output } = await session.run({ input: new Tensor('float32', inputs, [inputs.length]) });
  await session.release();
  const expected = inputs.map(formulas[name]!);
  expect(largestDifference(output!.data as Float32Array, expected)).toBeLessThan(2e-6);
});
