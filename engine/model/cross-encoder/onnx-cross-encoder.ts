import { counted } from '../../../core/counted.js';
import type { CrossEncoderSignature } from '../../../core/cross-encoder-signature.js';
import { VectormillError } from '../../../core/errors.js';
import { TopK } from '../../../core/top-k.js';
import { availableCores } from '../../concurrency/available-cores.js';
import type { PairTokenizer, TextPair } from '../../tokenizer/pair-tokenizer.js';
import type { CrossEncoder, ScoreOptions } from '../cross-encoder.js';
import { fingerprintOf } from '../fingerprint.js';
import type { ModelResources } from '../model.js';
import { computeRows, DEFAULT_BATCHING, planRows } from '../session/row-batches.js';
import { SessionPool } from '../session/session-pool.js';

/** A described cross-encoder whose graph has been written. */
export interface OnnxCrossEncoder {
  signature: CrossEncoderSignature;
  tokenizer: PairTokenizer;
  graphFile: string;
}

/** Loads the graph into its sessions. Errors: MODEL_INVALID where it cannot be loaded. */
export async function openOnnxCrossEncoder(
  { signature, tokenizer, graphFile }: OnnxCrossEncoder,
  resources: ModelResources = {},
): Promise<CrossEncoder> {
  const { maxTokens, labels } = signature;
  const sessions = resources.sessions ?? availableCores();
  const pool = await SessionPool.open(graphFile, sessions);
  const batching = { ...DEFAULT_BATCHING, ...resources.batching };
  const score = async (pairs: readonly TextPair[], { signal, onProgress }: ScoreOptions = {}) => {
    const encode = (start: number, end: number) => tokenizer.encodePairs(pairs.slice(start, end), maxTokens);
    const { values } = await computeRows({
      shares: planRows({ rows: pairs.length, encode, promptLength: 0, batching, sessions }),
      pool,
      rows: pairs.length,
      size: labels,
      unit: 'pair',
      signal,
      onProgress,
    });
    return values;
  };
  return {
    signature,
    fingerprint: fingerprintOf(signature),
    score,
    async rank(query, documents, { topK = documents.length, ...options } = {}) {
      assertOneLabel(signature);
      const scores = await score(
        documents.map((document): TextPair => [query, document]),
        options,
      );
      const best = new TopK(topK);
      for (const [row, value] of scores.entries()) best.offer(value, row);
      return best.sorted().map(({ row, score: value }) => ({ index: row, score: value }));
    },
    close: () => pool.close(),
  };
}

/**
 * Refuses a model that gives a pair several numbers, because documents cannot be ordered by them.
 * Errors: USAGE.
 */
export function assertOneLabel({ name, labels }: CrossEncoderSignature): void {
  if (labels === 1) return;
  throw new VectormillError(
    'USAGE',
    `${name} gives a pair ${counted(labels, 'score')}, which is no ranking`,
    {
      component: 'model',
      remedy: 'Score pairs with it (`vectormill rank --pairs`), or choose a model with one label.',
    },
  );
}
