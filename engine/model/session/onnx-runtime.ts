/** The only door to ONNX Runtime: what opens it later than `no-telemetry` would be counted. */
import './no-telemetry.js';
import type { Tensor } from 'onnxruntime-node';

export { env, InferenceSession, listSupportedBackends, Tensor } from 'onnxruntime-node';

/**
 * A computed tensor as an input of another session, without a copy. Where JavaScript has Float16Array (Node 24), the runtime
 * gives out half precision as one, and takes it for an array of 0 bytes when it comes back
 * (https://github.com/microsoft/onnxruntime/pull/32323); the same bits as Uint16Array it takes on any Node.
 */
export function asInput(tensor: Tensor): Tensor {
  if (tensor.type !== 'float16') return tensor;
  const { buffer, byteOffset, length } = tensor.data as Uint16Array;
  return Object.create(tensor, { data: { value: new Uint16Array(buffer, byteOffset, length) } });
}
