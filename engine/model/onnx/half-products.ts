import { toFloat16 } from '../../../core/float16.js';
import { modelUnsupported } from '../model-errors.js';
import { DATA_TYPE } from './onnx-format.js';
import type { OnnxGraphBuilder, Value } from './onnx-graph-builder.js';
import type { Products } from './products.js';

/** The bits of infinity without its sign. */
const INFINITE = 0x7c00;

/**
 * Products in float16, and everything between them in float32. The inputs of a product are rounded,
 * and its result is widened before a bias, a norm, a softmax or a residual is added. The mask's
 * lowest number and the squares of states cannot be represented in float16. Layers that share an
 * input share its rounding. Errors while the graph is written: MODEL_UNSUPPORTED for a matrix with
 * numbers beyond float16.
 */
export function halfProducts(file: string): Products {
  const rounded = new Map<Value, Value>();
  const round = (builder: OnnxGraphBuilder, input: Value) => {
    const half = rounded.get(input) ?? cast(builder, input, DATA_TYPE.float16);
    rounded.set(input, half);
    return half;
  };
  return {
    runtimeOperators: false,
    multiply(builder, input, { name, inputs, outputs, load }, bias) {
      const shape = [inputs, outputs];
      const stored = async () => finiteHalves(await load(), name, file);
      const matrix = builder.tensor({ name, type: 'float16', shape, load: stored });
      const product = builder.add('MatMul', [round(builder, input), matrix]);
      const wide = cast(builder, product, DATA_TYPE.float32);
      return bias === undefined ? wide : builder.add('Add', [wide, bias]);
    },
  };
}

function cast(builder: OnnxGraphBuilder, value: Value, type: number): Value {
  return builder.add('Cast', [value], { to: { int: type } });
}

function finiteHalves(weights: Float32Array, name: string, file: string): Uint16Array {
  const halves = toFloat16(weights);
  if (halves.every((half) => (half & INFINITE) !== INFINITE)) return halves;
  throw modelUnsupported(file, `as float16 the matrix "${name}" would hold infinite numbers`);
}
