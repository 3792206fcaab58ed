import type { Ranking } from '../../core/metrics/judgements.js';
import type { Reranking } from './retrieval-method.js';
import type { RetrievalTask } from './retrieval-task.js';

/**
 * Returns the rankings after the cross-encoder has put the first `top` documents of each into its
 * own order; the others follow. The documents are read once more, and those that are scored are
 * held in memory. Errors: those of the model.
 */
export async function rerankDocuments(
  task: Pick<RetrievalTask, 'documents' | 'queries'>,
  rankings: ReadonlyMap<string, Ranking>,
  { encoder, top, onPairs }: Reranking,
  signal?: AbortSignal,
): Promise<Map<string, Ranking>> {
  const firsts = new Map([...rankings].map(([query, ranking]) => [query, ranking.slice(0, top)]));
  const wanted = new Set([...firsts.values()].flat());
  const texts = new Map<string, string>();
  for await (const { id, text } of task.documents()) if (wanted.has(id)) texts.set(id, text);
  const total = [...firsts.values()].reduce((sum, first) => sum + first.length, 0);
  let done = 0;
  const reranked = new Map<string, Ranking>();
  for (const { id, text } of task.queries) {
    const first = firsts.get(id)!;
    const ranked = await encoder.rank(
      text,
      first.map((document) => texts.get(document)!),
      {
        signal,
        onProgress: ({ rows }) => {
          done += rows;
          onPairs?.(done, total);
        },
      },
    );
    reranked.set(id, [...ranked.map(({ index }) => first[index]!), ...rankings.get(id)!.slice(top)]);
  }
  return reranked;
}
