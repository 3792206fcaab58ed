import { countRelevant } from '../../core/metrics/judgements.js';
import type { Qrels } from '../tables/read-qrels.js';
import { refuse } from './evaluation-errors.js';
import type { TaskCounts, TaskText } from './retrieval-task.js';

export interface CountedTask {
  /** The ids of all documents. */
  documentIds: readonly string[];
  emptyDocuments: number;
  /** All queries, judged or not. */
  queries: readonly TaskText[];
  qrels: Qrels;
  /** The file that errors name. */
  uri: string;
}

/**
 * Returns the queries that can be evaluated, and the counts of everything. Errors: INPUT_EMPTY
 * where there is no document or no judged query; INPUT_UNSUPPORTED where the corpus holds no
 * document that is judged relevant, and so belongs to other judgements.
 */
export function countTask({ documentIds, emptyDocuments, queries, qrels, uri }: CountedTask): {
  queries: TaskText[];
  counts: TaskCounts;
} {
  if (documentIds.length === 0)
    throw refuse('INPUT_EMPTY', `${uri}: the corpus has no documents`, REMEDY, uri);
  const known = new Set(documentIds);
  const evaluated = queries.filter(({ id }) => qrels.has(id));
  if (evaluated.length === 0) throw refuse('INPUT_EMPTY', `${uri}: no query has judgements`, REMEDY, uri);
  const judged = evaluated.map(({ id }) => qrels.get(id)!);
  const pairs = judged.flatMap((judgements) => [...judgements]);
  if (!pairs.some(([document, relevance]) => relevance > 0 && known.has(document))) {
    const message = `${uri}: no document that is judged relevant is in the corpus`;
    throw refuse('INPUT_UNSUPPORTED', message, REMEDY, uri);
  }
  const counts = {
    queries: evaluated.length,
    documents: documentIds.length,
    judgements: pairs.length,
    queriesWithoutRelevant: judged.filter((judgements) => countRelevant(judgements) === 0).length,
    judgementsOfUnknownDocuments: pairs.filter(([document]) => !known.has(document)).length,
    unknownQueries: qrels.size - evaluated.length,
    queriesWithoutJudgements: queries.length - evaluated.length,
    emptyDocuments,
  };
  return { queries: evaluated, counts };
}

const REMEDY = 'Check that corpus, queries and judgements belong together.';
