import { statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { VectormillError } from '../../../core/errors.js';
import type { ExecutionProvider } from '../execution-provider.js';
import { listSupportedBackends } from './onnx-runtime.js';

/** The requirements of an execution provider on this machine. */
interface Needs {
  /**
   * The platforms for which builds of onnxruntime-node have it, for the message where this build
   * does not.
   */
  builds: string;
  /** Files that onnxruntime-node fetches when it is asked to. */
  files: readonly string[];
  /** Libraries that the system's loader must find. */
  libraries: readonly string[];
  remedy: string;
}

const CUDA_FILES = ['libonnxruntime_providers_shared.so', 'libonnxruntime_providers_cuda.so'];
const CUDA_LIBRARIES = [
  'libcuda.so.1',
  'libcudart.so.12',
  'libcublas.so.12',
  'libcublasLt.so.12',
  'libcufft.so.11',
  'libcurand.so.10',
  'libcudnn.so.9',
];
const CUDA_REMEDY =
  'Run `make gpu` in a clone, or `ONNXRUNTIME_NODE_INSTALL=true npm rebuild onnxruntime-node` where the package is installed, and install an NVIDIA driver, CUDA 12 and cuDNN 9 where the loader finds them';

/** The npm package puts placeholders of a few bytes where it leaves libraries out. */
const SMALLEST_LIBRARY_BYTES = 1024;

const NEEDS: Readonly<Record<Exclude<ExecutionProvider, 'cpu'>, Needs>> = {
  cuda: { builds: 'Linux on x64', files: CUDA_FILES, libraries: CUDA_LIBRARIES, remedy: `${CUDA_REMEDY}.` },
  tensorrt: {
    builds: 'Linux on x64',
    files: [...CUDA_FILES, 'libonnxruntime_providers_tensorrt.so'],
    libraries: [...CUDA_LIBRARIES, 'libnvinfer.so.10', 'libnvonnxparser.so.10'],
    remedy: `${CUDA_REMEDY}; then TensorRT 10.`,
  },
  webgpu: {
    builds: 'Linux on x64, macOS and Windows',
    files: [],
    libraries: process.platform === 'linux' ? ['libvulkan.so.1'] : [],
    remedy: 'Install a GPU driver with Vulkan, Metal or Direct3D 12; on Linux the Vulkan loader too.',
  },
  coreml: { builds: 'macOS', files: [], libraries: [], remedy: 'Use it on a Mac.' },
};

/** A requirement of an execution provider that is missing, and how to get it. */
export interface MissingRequirement {
  missing: string;
  remedy: string;
}

/**
 * Returns the requirement of an execution provider that is missing on this machine, as far as this
 * can be found out without computing; undefined where nothing is missing. A library that exists is
 * loaded into the process, as the provider itself would do.
 */
export function missingRequirementOf(executionProvider: ExecutionProvider): MissingRequirement | undefined {
  if (executionProvider === 'cpu') return undefined;
  const { builds, files, libraries, remedy } = NEEDS[executionProvider];
  if (!listSupportedBackends().some(({ name }) => name === executionProvider)) {
    const missing = `onnxruntime-node for ${process.platform} ${process.arch} has no ${executionProvider}: only that for ${builds}`;
    return { missing, remedy: `Compute on the CPU here, or on ${builds}.` };
  }
  const folder = runtimeFolder();
  const lacking = [
    ...files.filter((file) => !isLibrary(join(folder, file))),
    ...libraries.filter((library) => !isLoadable(library)),
  ];
  return lacking.length === 0 ? undefined : { missing: `${lacking.join(', ')} not found`, remedy };
}

/**
 * Refuses an execution provider that cannot be used. Errors: EXECUTION_PROVIDER_UNAVAILABLE naming
 * what is missing.
 */
export function assertExecutionProvider(executionProvider: ExecutionProvider): void {
  const requirement = missingRequirementOf(executionProvider);
  if (requirement)
    throw executionProviderUnavailable(executionProvider, requirement.missing, requirement.remedy);
}

/**
 * Returns the error for an execution provider that cannot compute here. `reason` is what is
 * missing, or the runtime's message.
 */
export function executionProviderUnavailable(
  executionProvider: ExecutionProvider,
  reason: string,
  remedy = remedyFor(executionProvider),
): VectormillError {
  return new VectormillError(
    'EXECUTION_PROVIDER_UNAVAILABLE',
    `the execution provider ${executionProvider} cannot be used on this machine: ${reason}`,
    {
      component: 'model',
      remedy: `${remedy} Or leave --provider away: the CPU computes the same vectors, up to rounding.`.trim(),
    },
  );
}

/** Returns how to get what an execution provider needs; empty for the CPU. */
export function remedyFor(executionProvider: ExecutionProvider): string {
  return executionProvider === 'cpu' ? '' : NEEDS[executionProvider].remedy;
}

function isLibrary(file: string): boolean {
  return (statSync(file, { throwIfNoEntry: false })?.size ?? 0) >= SMALLEST_LIBRARY_BYTES;
}

function runtimeFolder(): string {
  const entry = createRequire(import.meta.url).resolve('onnxruntime-node/package.json');
  return join(dirname(entry), 'bin', 'napi-v6', process.platform, process.arch);
}

/**
 * Asks the system's loader through Node. For a library that was found, Node complains that it is
 * not a Node module.
 */
function isLoadable(library: string): boolean {
  try {
    process.dlopen({ exports: {} }, library);
    return true;
  } catch (error) {
    return !/cannot open shared object file|no such file/i.test((error as Error).message);
  }
}
