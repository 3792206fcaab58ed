import type { BatchingOptions } from '../../core/batching.js';

/** What ONNX Runtime can compute on, by its own names. */
export const EXECUTION_PROVIDERS = ['cpu', 'cuda', 'tensorrt', 'webgpu', 'coreml'] as const;
export type ExecutionProvider = (typeof EXECUTION_PROVIDERS)[number];

/** Not measured: a GPU wants many tokens a call, and padding costs it less than another call. */
export const GPU_BATCHING: BatchingOptions = { tokenBudget: 16_384, paddingBudget: 1_024 };
/** One computes while the other's next batch is handed over; not measured either. */
export const GPU_SESSIONS = 2;

/** The runtime's names for a session; the first takes what it can, and TensorRT leaves the rest to CUDA. */
export function runtimeProviders(provider: ExecutionProvider): ExecutionProvider[] {
  return provider === 'tensorrt' ? ['tensorrt', 'cuda'] : [provider];
}
