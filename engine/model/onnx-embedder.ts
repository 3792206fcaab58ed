import { type BatchingOptions, planBatches } from '../../core/batching.js';
import { VectormillError } from '../../core/errors.js';
import type { ModelSignature } from '../../core/model-signature.js';
import type { Encoding, Tokenizer } from '../tokenizer/tokenizer.js';
import { availableCores } from './available-cores.js';
import { type Embedder, type Embedding, type EmbedOptions, promptText } from './embedder.js';
import { type ExecutionProvider, GPU_BATCHING, GPU_SESSIONS } from './execution-provider.js';
import type { ModelResources } from './model.js';
import { countPromptTokens } from './prompt-length.js';
import { assertProvider } from './provider-needs.js';
import { SessionPool } from './session-pool.js';
import type { ExportedEncoder, SessionTask } from './session-task.js';
import { fingerprintOf } from './signature.js';

/** Texts that are tokenised and sorted together, while the sessions work on those before. */
const TEXTS_PER_WINDOW = 2048;

/** Measured: see docs/performance.md. */
export const DEFAULT_BATCHING: BatchingOptions = { tokenBudget: 512, paddingBudget: 8 };

/** A described model whose graph is at hand. */
export interface OnnxModel {
  signature: ModelSignature;
  tokenizer: Tokenizer;
  graphFile: string;
  /** Another tool's graph that runs before it. */
  encoder?: ExportedEncoder;
  /** What suits the model, where that is not what suits the machine. */
  batching?: BatchingOptions;
  /** Whether a prompt's tokens count in pooling. */
  includePrompt: boolean;
}

/** One batch of a window, ready for a session. */
interface PlannedBatch {
  task: SessionTask;
  /** Where each row belongs among the texts of the call. */
  rows: Uint32Array;
  tokens: number;
}

/**
 * Loads the graph into its sessions. Errors: MODEL_INVALID where it does not load, EXECUTION_PROVIDER_UNAVAILABLE,
 * MODEL_UNSUPPORTED for int8 on anything but the CPU.
 */
export async function openOnnxEmbedder(model: OnnxModel, resources: ModelResources = {}): Promise<Embedder> {
  const { signature, tokenizer, includePrompt, encoder } = model;
  const { executionProvider = 'cpu' } = resources;
  assertComputable(signature, executionProvider);
  assertProvider(executionProvider);
  const isCpu = executionProvider === 'cpu';
  const sessions = resources.sessions ?? (isCpu ? availableCores() : GPU_SESSIONS);
  const pool = await SessionPool.open(model.graphFile, sessions, { encoder, executionProvider });
  const usual = model.batching ?? (isCpu ? DEFAULT_BATCHING : GPU_BATCHING);
  const batching = { ...usual, ...resources.batching };
  const { maxTokens, prompts, dimensions } = signature;
  return {
    signature,
    fingerprint: fingerprintOf(signature),
    close: () => pool.close(),
    embed: async (texts, options = {}) => {
      const prefix = promptText(prompts, options.prompt);
      const promptLength = includePrompt ? 0 : await countPromptTokens(tokenizer, prefix, maxTokens);
      const batches = planTexts({ texts, prefix, promptLength, tokenizer, maxTokens, batching });
      return computeAll({ batches, pool, rows: texts.length, dimensions, options });
    },
  };
}

/** The runtime would compute products of bytes on the CPU without a word. */
function assertComputable({ name, precision }: ModelSignature, provider: ExecutionProvider): void {
  if (precision !== 'int8' || provider === 'cpu') return;
  throw new VectormillError(
    'MODEL_UNSUPPORTED',
    `${name} as int8 is computed on the CPU, not by ${provider}`,
    {
      component: 'model',
      remedy: 'Choose the precision float16 or float32 for a GPU, or the execution provider cpu.',
    },
  );
}

interface PlanOptions {
  texts: readonly string[];
  prefix: string;
  /** Tokens of the prefix that pooling leaves out. */
  promptLength: number;
  tokenizer: Tokenizer;
  maxTokens: number;
  batching: BatchingOptions;
}

/** Tokenises one window ahead of the one whose batches are being taken. */
async function* planTexts({ texts, prefix, promptLength, tokenizer, maxTokens, batching }: PlanOptions) {
  const encodeWindow = (start: number) => {
    const window = texts.slice(start, start + TEXTS_PER_WINDOW);
    const encodings = tokenizer.encode(
      prefix === '' ? window : window.map((text) => prefix + text),
      maxTokens,
    );
    // Awaited later; a failure that nobody has come to await yet must not end the process.
    encodings.catch(() => undefined);
    return encodings;
  };
  let ahead = encodeWindow(0);
  for (let start = 0; start < texts.length; start += TEXTS_PER_WINDOW) {
    const encodings = await ahead;
    if (start + TEXTS_PER_WINDOW < texts.length) ahead = encodeWindow(start + TEXTS_PER_WINDOW);
    const lengths = encodings.map(({ ids }) => ids.length);
    for (const { rows, columns } of planBatches(lengths, batching))
      yield plannedBatch(encodings, { rows, columns, promptLength }, start);
  }
}

function plannedBatch(
  encodings: readonly Encoding[],
  { rows, columns, promptLength }: { rows: Uint32Array; columns: number; promptLength: number },
  windowStart: number,
): PlannedBatch {
  const lengths = rows.map((row) => encodings[row]!.ids.length);
  const tokens = lengths.reduce((sum, length) => sum + length, 0);
  const tokenIds = new Uint32Array(tokens);
  let at = 0;
  for (const row of rows) {
    tokenIds.set(encodings[row]!.ids, at);
    at += encodings[row]!.ids.length;
  }
  return {
    // A tokenizer without special tokens makes no token of an empty text, and a graph cannot compute none.
    task: { tokenIds, lengths, columns: Math.max(columns, 1), promptLength },
    rows: rows.map((row) => windowStart + row),
    tokens,
  };
}

interface ComputeOptions {
  options: EmbedOptions;
  batches: AsyncGenerator<PlannedBatch>;
  pool: SessionPool;
  rows: number;
  dimensions: number;
}

/** Runs the batches on all sessions and puts every vector where its text was. */
async function computeAll({ batches, pool, rows, dimensions, options }: ComputeOptions): Promise<Embedding> {
  const { signal, onProgress } = options;
  const result = { vectors: new Float32Array(rows * dimensions), tokens: 0, paddingTokens: 0 };
  let failed = false;
  const takeBatches = async () => {
    try {
      for await (const batch of { [Symbol.asyncIterator]: () => ({ next: () => batches.next() }) }) {
        if (failed) return;
        if (signal?.aborted) throw cancelled(signal.reason);
        const computed = batch.task.lengths.length * batch.task.columns;
        const vectors = await runBatch(pool, batch);
        for (const [index, row] of batch.rows.entries())
          result.vectors.set(
            vectors.subarray(index * dimensions, (index + 1) * dimensions),
            row * dimensions,
          );
        result.tokens += batch.tokens;
        result.paddingTokens += computed - batch.tokens;
        onProgress?.({ rows: batch.rows.length, tokens: batch.tokens });
      }
    } catch (error) {
      failed = true;
      throw error;
    }
  };
  const takers = await Promise.allSettled(Array.from({ length: 2 * pool.sessions }, takeBatches));
  for (const taker of takers) if (taker.status === 'rejected') throw taker.reason;
  return result;
}

/** Errors name the text's number in the call, not the row's in its batch. */
async function runBatch(pool: SessionPool, batch: PlannedBatch): Promise<Float32Array> {
  return pool.run(batch.task).catch((error: unknown) => {
    if (!(error instanceof VectormillError) || error.code !== 'VECTOR_INVALID') throw error;
    const { component, remedy, position = 0 } = error;
    throw new VectormillError('VECTOR_INVALID', `${error.message}, for text ${batch.rows[position]}`, {
      component,
      remedy,
      position: batch.rows[position] ?? 0,
    });
  });
}

function cancelled(cause: unknown): VectormillError {
  return new VectormillError('CANCELLED', 'embedding was cancelled', {
    component: 'model',
    remedy: 'Start it again to finish.',
    cause,
  });
}
