import { type ExecutionProvider, runtimeProviders } from '../execution-provider.js';
import { cachedGraph } from '../onnx/graph-cache.js';
import { writeModel } from '../onnx/model-writer.js';
import { DATA_TYPE } from '../onnx/onnx-format.js';
import { OnnxGraphBuilder } from '../onnx/onnx-graph-builder.js';
import { env, InferenceSession } from './onnx-runtime.js';
import { type Lack, lackOf, providerUnavailable, remedyFor } from './provider-needs.js';

/**
 * Loads a graph of one operator with an execution provider, to find out whether it works on this
 * machine before a model is loaded. Errors: EXECUTION_PROVIDER_UNAVAILABLE naming what is missing,
 * or with the runtime's message.
 */
export async function probeProvider(provider: ExecutionProvider): Promise<void> {
  const lack = await findLack(provider);
  if (lack) throw providerUnavailable(provider, lack.missing, lack.remedy);
}

/**
 * What an execution provider lacks on this machine: files or, by the runtime's own message, the
 * device. Libraries can be installed on a machine that has no device. The result is undefined where
 * the runtime computes with the provider.
 */
export async function findLack(provider: ExecutionProvider): Promise<Lack | undefined> {
  if (provider === 'cpu') return undefined;
  const lack = lackOf(provider);
  if (lack) return lack;
  const file = await cachedGraph({ kind: 'probe' }, (path) => writeModel(probeGraph(), path, 'probe'));
  try {
    // The error is thrown as well, so that the runtime need not print it.
    env.logLevel = 'fatal';
    const options = { executionProviders: runtimeProviders(provider), logSeverityLevel: 4 } as const;
    await (await InferenceSession.create(file, options)).release();
    return undefined;
  } catch (error) {
    const missing = (error instanceof Error ? error.message : String(error)).trim();
    return { missing, remedy: remedyFor(provider) };
  }
}

function probeGraph(): OnnxGraphBuilder {
  const builder = new OnnxGraphBuilder();
  const input = builder.input('input', 'int64', ['rows']);
  builder.output('output', builder.add('Cast', [input], { to: { int: DATA_TYPE.float32 } }), ['rows']);
  return builder;
}
