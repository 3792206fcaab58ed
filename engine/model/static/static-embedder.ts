import { setImmediate } from 'node:timers/promises';
import { VectormillError } from '../../../core/errors.js';
import type { ModelSignature } from '../../../core/model-signature.js';
import type { Tokenizer } from '../../tokenizer/tokenizer.js';
import { type Embedder, type Embedding, type EmbedOptions, promptText } from '../embedder.js';
import { fingerprintOf } from '../fingerprint.js';
import { embeddingCancelled } from '../model-errors.js';
import { type MeanArithmetic, meanVector } from './mean-vector.js';
import { type RowTable, sumRows } from './row-table.js';

/** After this many texts, some 20 ms of work, other work of the event loop gets its turn. */
const TEXTS_PER_TURN = 256;

/** Everything that decides a text's vector. */
export interface StaticEmbeddings {
  signature: ModelSignature;
  tokenizer: Tokenizer;
  table: RowTable;
  /** A token that is left out; undefined where every token takes part. */
  ignoredId: number | undefined;
  arithmetic: MeanArithmetic;
}

/**
 * Returns an embedder whose vectors are the mean of the rows of a text's tokens. A text without a
 * known token gets zeros.
 */
export function staticEmbedder(model: StaticEmbeddings): Embedder {
  const { signature, tokenizer } = model;
  const { dimensions, maxTokens, prompts } = signature;
  return {
    signature,
    fingerprint: fingerprintOf(signature),
    close: async () => undefined,
    async embed(texts, options: EmbedOptions = {}): Promise<Embedding> {
      const prefix = promptText(prompts, options.prompt);
      const vectors = new Float32Array(texts.length * dimensions);
      let tokens = 0;
      await options.turn;
      for (let start = 0; start < texts.length; start += TEXTS_PER_TURN) {
        if (start > 0) await setImmediate();
        if (options.signal?.aborted) throw embeddingCancelled(options.signal.reason);
        const turn = texts.slice(start, start + TEXTS_PER_TURN);
        const prefixed = prefix === '' ? turn : turn.map((text) => prefix + text);
        const encodings = await tokenizer.encode(prefixed, maxTokens);
        let turnTokens = 0;
        for (const [index, { ids }] of encodings.entries()) {
          const known = knownIds(ids, model.ignoredId);
          const at = (start + index) * dimensions;
          const vector = vectors.subarray(at, at + dimensions);
          if (known.length > 0) {
            meanVector(sumRows(model.table, known), known.length, vector, model.arithmetic);
          }
          if (!vector.every(Number.isFinite)) throw notFinite(start + index);
          turnTokens += known.length;
        }
        tokens += turnTokens;
        options.onProgress?.({ rows: turn.length, tokens: turnTokens });
      }
      return { vectors, tokens, paddingTokens: 0 };
    },
  };
}

function knownIds(ids: Uint32Array, ignoredId: number | undefined): Uint32Array {
  return ignoredId !== undefined && ids.includes(ignoredId) ? ids.filter((id) => id !== ignoredId) : ids;
}

function notFinite(row: number): VectormillError {
  return new VectormillError(
    'VECTOR_INVALID',
    `the model computed a vector with NaN or Inf, for text ${row}`,
    {
      component: 'model',
      remedy: 'Check the weights with another tool; the same text fails again.',
      position: row,
    },
  );
}
