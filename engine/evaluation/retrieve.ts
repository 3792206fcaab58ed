import { dotAt, unitRows } from '../../core/metrics/cosine.js';
import type { Ranking } from '../../core/metrics/judgements.js';
import { tieOrder } from '../../core/metrics/ranking-order.js';
import { TopK } from '../../core/top-k.js';
import type { Embedder } from '../model/embedder.js';
import { inGroups } from '../text-groups.js';
import { refuse } from './evaluation-errors.js';
import type { RetrievalTask, TaskText } from './retrieval-task.js';

export interface RetrieveOptions {
  /** Documents to keep for each query. */
  k: number;
  /** Whether a document with the query's own id is passed over: in ArguAna and Quora each query is a document, too. */
  ignoreIdenticalIds: boolean;
  signal?: AbortSignal | undefined;
  /** Texts embedded so far, queries and documents, of all. */
  onProgress?: ((done: number, total: number) => void) | undefined;
}

export interface Retrieved {
  /** Document ids, best first, by query id. */
  rankings: ReadonlyMap<string, Ranking>;
  /** Non-padding tokens embedded, special tokens included. */
  tokens: number;
}

/** Of all queries together, each some 60 bytes. */
const MAX_KEPT = 20_000_000;

/**
 * The k documents nearest to each query by exact cosine, ties (of 32-bit scores) by the last id first, as trec_eval ranks
 * them. Holds one block of documents, the vectors of the queries, the documents' ids and what is kept; no vector of a
 * document outlives its block. Errors: INPUT_UNSUPPORTED where queries × k is over the limit; those of the model.
 */
export async function retrieve(
  task: Pick<RetrievalTask, 'documents' | 'documentIds' | 'queries'>,
  embedder: Embedder,
  { k, ignoreIdenticalIds, signal, onProgress }: RetrieveOptions,
): Promise<Retrieved> {
  const { queries, documentIds } = task;
  const kept = Math.min(ignoreIdenticalIds ? k + 1 : k, documentIds.length);
  assertFits(queries.length, kept);
  const { dimensions } = embedder.signature;
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
    return unitRows(embedded.vectors, dimensions);
  };
  const targets = await embed(queries, 'query');
  const best = queries.map(() => new TopK(kept));
  const places = tieOrder(documentIds);
  let firstRow = 0;
  for await (const block of inGroups(task.documents(), ({ text }) => text.length)) {
    const vectors = await embed(block, 'document');
    offerAll(best, targets, vectors, { dimensions, places: places.subarray(firstRow) });
    firstRow += block.length;
  }
  const idAt = new Array<string>(documentIds.length);
  for (const [row, place] of places.entries()) idAt[place] = documentIds[row]!;
  const rankings = queries.map(({ id }, query): [string, Ranking] => {
    const ranking = best[query]!.sorted().map(({ row }) => idAt[row]!);
    return [id, (ignoreIdenticalIds ? ranking.filter((other) => other !== id) : ranking).slice(0, k)];
  });
  return { rankings: new Map(rankings), tokens };
}

/** Compares every row with every target; `places` are the rows' tie-breaking numbers. */
function offerAll(
  best: readonly TopK[],
  targets: Float32Array,
  vectors: Float32Array,
  { dimensions, places }: { dimensions: number; places: Uint32Array },
): void {
  for (let row = 0; row * dimensions < vectors.length; row += 1) {
    for (const [query, top] of best.entries()) {
      const score = Math.fround(dotAt(targets, query * dimensions, vectors, row * dimensions, dimensions));
      if (score >= top.threshold) top.offer(score, places[row]!);
    }
  }
}

function assertFits(queries: number, kept: number): void {
  if (queries * kept <= MAX_KEPT) return;
  throw refuse(
    'INPUT_UNSUPPORTED',
    `${queries} queries with ${kept} documents each are more than the ${MAX_KEPT} that are kept`,
    'Ask for a smaller largest --k, or split the queries.',
  );
}
