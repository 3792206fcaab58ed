/** The only door to ONNX Runtime: what opens it later than `no-telemetry` would be counted. */
import './no-telemetry.js';

export { env, InferenceSession, listSupportedBackends, Tensor } from 'onnxruntime-node';
