import { type ExecutionProvider, runtimeExecutionProviders } from '../execution-provider.js';
import { writeModel } from '../onnx/model-writer.js';
import { DATA_TYPE } from '../onnx/onnx-format.js';
import { OnnxGraphBuilder } from '../onnx/onnx-graph-builder.js';
import { cachedOnnxGraph } from '../onnx/onnx-graph-cache.js';
import {
  executionProviderUnavailable,
  type MissingRequirement,
  missingRequirementOf,
  remedyFor,
} from './execution-provider-needs.js';
import { env, InferenceSession } from './onnx-runtime.js';

/**
 * Loads a graph of one operator with an execution provider, to find out whether it works on this
 * machine before a model is loaded. Errors: EXECUTION_PROVIDER_UNAVAILABLE naming what is missing,
 * or with the runtime's message.
 */
export async function probeExecutionProvider(executionProvider: ExecutionProvider): Promise<void> {
  const requirement = await findMissingRequirement(executionProvider);
  if (requirement)
    throw executionProviderUnavailable(executionProvider, requirement.missing, requirement.remedy);
}

/**
 * Finds out what an execution provider lacks on this machine: files or, by the runtime's own
 * message, the device. Libraries can be installed on a machine that has no device. The result is
 * undefined where the runtime computes with the provider.
 */
export async function findMissingRequirement(
  executionProvider: ExecutionProvider,
): Promise<MissingRequirement | undefined> {
  if (executionProvider === 'cpu') return undefined;
  const requirement = missingRequirementOf(executionProvider);
  if (requirement) return requirement;
  const file = await cachedOnnxGraph({ kind: 'probe' }, (path) => writeModel(probeGraph(), path, 'probe'));
  try {
    // The error is thrown as well, so that the runtime need not print it.
    env.logLevel = 'fatal';
    const options = {
      executionProviders: runtimeExecutionProviders(executionProvider),
      logSeverityLevel: 4,
    } as const;
    await (await InferenceSession.create(file, options)).release();
    return undefined;
  } catch (error) {
    const missing = (error instanceof Error ? error.message : String(error)).trim();
    return { missing, remedy: remedyFor(executionProvider) };
  }
}

function probeGraph(): OnnxGraphBuilder {
  const builder = new OnnxGraphBuilder();
  const input = builder.input('input', 'int64', ['rows']);
  builder.output('output', builder.add('Cast', [input], { to: { int: DATA_TYPE.float32 } }), ['rows']);
  return builder;
}
