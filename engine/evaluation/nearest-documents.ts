import { preparedRows, preparedScore } from '../../core/metrics/prepared-score.js';
import { metricOf } from '../../core/similarity.js';
import { TopK } from '../../core/top-k.js';
import type { Embedder } from '../model/embedder.js';
import { inGroups } from '../model/text-groups.js';
import type { NearestRows } from '../search/nearest-rows.js';
import type { RetrievalTask, TaskText } from './retrieval-task.js';

export interface NearestDocumentsOptions {
  /** The number of documents that are kept for each query. */
  k: number;
  /**
   * `[documents]`: the number that stands for each document in the result. Ties are broken by it.
   */
  places: Uint32Array;
  /** Further documents whose score is wanted, one set for each query. */
  also?: readonly ReadonlySet<number>[] | undefined;
  signal?: AbortSignal | undefined;
  /**
   * Is called with the number of texts that are embedded so far, queries and documents, and the
   * number of all.
   */
  onProgress?: ((done: number, total: number) => void) | undefined;
}

/**
 * Finds the documents nearest to each query by the model's own similarity, rounded to a 32-bit
 * float. A row in the result is a document's place. One block of documents, the vectors of the
 * queries, and the results are in memory; the vectors of a block are not kept. Errors: those of the
 * model.
 */
export async function nearestDocuments(
  task: Pick<RetrievalTask, 'documents' | 'documentIds' | 'queries'>,
  embedder: Embedder,
  { k, places, also, signal, onProgress }: NearestDocumentsOptions,
): Promise<{ found: NearestRows[]; tokens: number }> {
  const { queries, documentIds } = task;
  const { dimensions } = embedder.signature;
  const metric = metricOf(embedder.signature);
  const scoreAt = preparedScore(metric);
  const total = queries.length + documentIds.length;
  let done = 0;
  let tokens = 0;
  const embed = async (texts: readonly TaskText[], prompt: 'query' | 'document') => {
    const embedded = await embedder.embed(
      texts.map(({ text }) => text),
      {
        prompt,
        ...(signal && { signal }),
        onProgress: ({ rows }) => {
          done += rows;
          onProgress?.(done, total);
        },
      },
    );
    tokens += embedded.tokens;
    return preparedRows(embedded.vectors, metric, dimensions);
  };
  const targets = await embed(queries, 'query');
  const best = queries.map((_, query) => ({
    top: new TopK(k),
    scores: new Map<number, number>(),
    also: also?.[query],
  }));
  let firstRow = 0;
  for await (const block of inGroups(task.documents(), ({ text }) => text.length)) {
    const vectors = await embed(block, 'document');
    for (const row of block.keys()) {
      const place = places[firstRow + row]!;
      for (const [query, kept] of best.entries()) {
        const score = Math.fround(
          scoreAt(targets, query * dimensions, vectors, row * dimensions, dimensions),
        );
        if (score >= kept.top.threshold) kept.top.offer(score, place);
        if (kept.also?.has(place)) kept.scores.set(place, score);
      }
    }
    firstRow += block.length;
  }
  return { found: best.map(({ top, scores }) => ({ nearest: top.sorted(), scores })), tokens };
}
