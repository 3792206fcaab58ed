import { type ExecutionProvider, runtimeProviders } from '../execution-provider.js';
import { GraphBuilder } from '../onnx/graph-builder.js';
import { cachedGraph } from '../onnx/graph-cache.js';
import { writeModel } from '../onnx/model-writer.js';
import { DATA_TYPE } from '../onnx/onnx-format.js';
import { env, InferenceSession } from './onnx-runtime.js';
import { type Lack, lackOf, providerUnavailable, remedyFor } from './provider-needs.js';

/**
 * Loads a graph of one operator with a provider, so that a machine is known to have it before a model is loaded.
 * Errors: EXECUTION_PROVIDER_UNAVAILABLE naming what is missing, or with the runtime's message.
 */
export async function probeProvider(provider: ExecutionProvider): Promise<void> {
  const lack = await findLack(provider);
  if (lack) throw providerUnavailable(provider, lack.missing, lack.remedy);
}

/**
 * What is missing here for a provider, files or, by the runtime's own word, the device: libraries can be installed where no
 * device is. Undefined where the runtime computes with it.
 */
export async function findLack(provider: ExecutionProvider): Promise<Lack | undefined> {
  if (provider === 'cpu') return undefined;
  const lack = lackOf(provider);
  if (lack) return lack;
  const file = await cachedGraph({ kind: 'probe' }, (path) => writeModel(probeGraph(), path, 'probe'));
  try {
    // The error is thrown as well.
    env.logLevel = 'fatal';
    const options = { executionProviders: runtimeProviders(provider), logSeverityLevel: 4 } as const;
    await (await InferenceSession.create(file, options)).release();
    return undefined;
  } catch (error) {
    const missing = (error instanceof Error ? error.message : String(error)).trim();
    return { missing, remedy: remedyFor(provider) };
  }
}

function probeGraph(): GraphBuilder {
  const builder = new GraphBuilder();
  const input = builder.input('input', 'int64', ['rows']);
  builder.output('output', builder.add('Cast', [input], { to: { int: DATA_TYPE.float32 } }), ['rows']);
  return builder;
}
