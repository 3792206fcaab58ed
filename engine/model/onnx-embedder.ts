import type { ModelSignature } from '../../core/model-signature.js';
import type { Tokenizer } from '../tokenizer/tokenizer.js';
import { availableCores } from './available-cores.js';
import { type Embedder, promptText } from './embedder.js';
import type { ModelResources } from './model.js';
import { countPromptTokens } from './prompt-length.js';
import { computeRows, DEFAULT_BATCHING, planRows } from './row-batches.js';
import { SessionPool } from './session-pool.js';
import { fingerprintOf } from './signature.js';

/** A described model whose graph is at hand. */
export interface OnnxModel {
  signature: ModelSignature;
  tokenizer: Tokenizer;
  graphFile: string;
  /** Whether a prompt's tokens count in pooling. */
  includePrompt: boolean;
}

/** Loads the graph into its sessions. Errors: MODEL_INVALID where it does not load. */
export async function openOnnxEmbedder(model: OnnxModel, resources: ModelResources = {}): Promise<Embedder> {
  const { signature, tokenizer, includePrompt } = model;
  const pool = await SessionPool.open(model.graphFile, resources.sessions ?? availableCores());
  const batching = { ...DEFAULT_BATCHING, ...resources.batching };
  const { maxTokens, prompts, dimensions } = signature;
  return {
    signature,
    fingerprint: fingerprintOf(signature),
    close: () => pool.close(),
    embed: async (texts, { prompt, signal, onProgress } = {}) => {
      const prefix = promptText(prompts, prompt);
      const batches = planRows({
        rows: texts.length,
        promptLength: includePrompt ? 0 : await countPromptTokens(tokenizer, prefix, maxTokens),
        batching,
        encode: (start, end) => {
          const window = texts.slice(start, end);
          return tokenizer.encode(prefix === '' ? window : window.map((text) => prefix + text), maxTokens);
        },
      });
      const { values: vectors, ...counts } = await computeRows({
        batches,
        pool,
        rows: texts.length,
        size: dimensions,
        unit: 'text',
        signal,
        onProgress,
      });
      return { vectors, ...counts };
    },
  };
}
