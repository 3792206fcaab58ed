import type { BatchingOptions } from '../../../core/batching.js';
import { VectormillError } from '../../../core/errors.js';
import type { ModelSignature } from '../../../core/model-signature.js';
import { availableCores } from '../../concurrency/available-cores.js';
import type { Tokenizer } from '../../tokenizer/tokenizer.js';
import { type Embedder, promptText } from '../embedder.js';
import { type ExecutionProvider, GPU_BATCHING, GPU_SESSIONS } from '../execution-provider.js';
import { fingerprintOf } from '../fingerprint.js';
import type { ModelResources } from '../model.js';
import { assertExecutionProvider } from '../session/execution-provider-needs.js';
import { batchingOf, computeRows, planRows } from '../session/row-batches.js';
import { SessionPool } from '../session/session-pool.js';
import type { ExportedEncoder } from '../session/session-task.js';
import { countPromptTokens } from './prompt-length.js';

/** A described model whose graph has been written. */
export interface OnnxModel {
  signature: ModelSignature;
  tokenizer: Tokenizer;
  graphFile: string;
  /** Another tool's graph that runs before it. */
  encoder?: ExportedEncoder;
  /** The batching that the model needs, where it is not the machine's usual one. */
  batching?: BatchingOptions;
  /** Whether a prompt's tokens take part in pooling. */
  includePrompt: boolean;
}

/**
 * Loads the graph into its sessions. Errors: MODEL_INVALID where it cannot be loaded,
 * EXECUTION_PROVIDER_UNAVAILABLE, MODEL_UNSUPPORTED for int8 on anything but the CPU.
 */
export async function openOnnxEmbedder(model: OnnxModel, resources: ModelResources = {}): Promise<Embedder> {
  const { signature, tokenizer, includePrompt, encoder } = model;
  const { executionProvider = 'cpu' } = resources;
  assertComputable(signature, executionProvider);
  assertExecutionProvider(executionProvider);
  const isCpu = executionProvider === 'cpu';
  const sessions = resources.sessions ?? (isCpu ? availableCores() : GPU_SESSIONS);
  const pool = await SessionPool.open(model.graphFile, sessions, { encoder, executionProvider });
  const usual = model.batching ?? (isCpu ? batchingOf(signature.precision) : GPU_BATCHING);
  const batching = { ...usual, ...resources.batching };
  const { maxTokens, prompts, dimensions } = signature;
  return {
    signature,
    fingerprint: fingerprintOf(signature),
    close: () => pool.close(),
    embed: async (texts, { prompt, signal, turn, onProgress } = {}) => {
      const prefix = promptText(prompts, prompt);
      const shares = planRows({
        rows: texts.length,
        promptLength: includePrompt ? 0 : await countPromptTokens(tokenizer, prefix, maxTokens),
        batching,
        sessions,
        encode: (start, end) => {
          const window = texts.slice(start, end);
          return tokenizer.encode(prefix === '' ? window : window.map((text) => prefix + text), maxTokens);
        },
      });
      const { values: vectors, ...counts } = await computeRows({
        shares,
        pool,
        rows: texts.length,
        size: dimensions,
        unit: 'text',
        signal,
        turn,
        onProgress,
      });
      return { vectors, ...counts };
    },
  };
}

/**
 * Refuses int8 on a GPU, because the runtime would compute its products on the CPU without saying
 * so.
 */
function assertComputable({ name, precision }: ModelSignature, executionProvider: ExecutionProvider): void {
  if (precision !== 'int8' || executionProvider === 'cpu') return;
  throw new VectormillError(
    'MODEL_UNSUPPORTED',
    `${name} as int8 is computed on the CPU, not by ${executionProvider}`,
    {
      component: 'model',
      remedy: 'Choose the precision float16 or float32 for a GPU, or the execution provider cpu.',
    },
  );
}
