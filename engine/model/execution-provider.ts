import type { BatchingOptions } from '../../core/batching.js';

/** The devices and libraries with which ONNX Runtime can compute, by the runtime's own names. */
export const EXECUTION_PROVIDERS = ['cpu', 'cuda', 'tensorrt', 'webgpu', 'coreml'] as const;
export type ExecutionProvider = (typeof EXECUTION_PROVIDERS)[number];

/**
 * A GPU needs many tokens in a call, and padding costs it less than another call. These values have
 * not been measured.
 */
export const GPU_BATCHING: BatchingOptions = { tokenBudget: 16_384, paddingBudget: 1_024 };
/**
 * While one session computes, the other's next batch is handed over. This value has not been
 * measured, either.
 */
export const GPU_SESSIONS = 2;

/**
 * Returns the runtime's names for a session. The first one computes what it can; TensorRT leaves
 * the rest to CUDA.
 */
export function runtimeExecutionProviders(executionProvider: ExecutionProvider): ExecutionProvider[] {
  return executionProvider === 'tensorrt' ? ['tensorrt', 'cuda'] : [executionProvider];
}
