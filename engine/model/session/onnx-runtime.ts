/** ONNX Runtime is imported only here, so that `no-telemetry` always comes before it. */
import './no-telemetry.js';
import type { Tensor } from 'onnxruntime-node';

export { env, InferenceSession, listSupportedBackends, Tensor } from 'onnxruntime-node';

/**
 * Uses a computed tensor as an input of another session, without a copy. Where JavaScript has
 * Float16Array (Node 24), the runtime returns half precision as such an array, but reads it as 0
 * bytes when it comes back (https://github.com/microsoft/onnxruntime/pull/32323). It accepts the
 * same bits as Uint16Array in any version of Node.
 */
export function asInput(tensor: Tensor): Tensor {
  if (tensor.type !== 'float16') return tensor;
  const { buffer, byteOffset, length } = tensor.data as Uint16Array;
  return Object.create(tensor, { data: { value: new Uint16Array(buffer, byteOffset, length) } });
}
