import { PostingsBuilder } from '../../core/search/postings.js';
import { lexicalScores, postingsInMemory } from '../search/lexical-scores.js';
import { lexicalTerms } from '../search/lexical-terms.js';
import type { RetrievalTask } from './retrieval-task.js';

/**
 * Reads the documents once, and returns a function that scores a query by BM25. The scores are
 * `[documents]`, by place, rounded to 32-bit floats, and 0 for a document without any word of the
 * query. The postings of all documents are held in memory.
 */
export async function documentsByWords(
  task: Pick<RetrievalTask, 'documents'>,
  places: Uint32Array,
): Promise<(query: string) => Promise<Float64Array>> {
  const builder = new PostingsBuilder();
  for await (const { text } of task.documents()) builder.add(lexicalTerms(text));
  const postings = postingsInMemory(builder.build());
  return async (query) => {
    const byPlace = new Float64Array(places.length);
    for (const [row, score] of (await lexicalScores(query, postings)).entries())
      byPlace[places[row]!] = Math.fround(score);
    return byPlace;
  };
}
