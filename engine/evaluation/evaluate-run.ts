import { rankDocuments } from '../../core/metrics/ranking-order.js';
import { meanMetrics } from '../../core/metrics/retrieval-metrics.js';
import type { Qrels } from '../tables/read-qrels.js';
import { refuse } from './evaluation-errors.js';
import type { EvaluationResult } from './evaluation-result.js';
import type { RetrievalRun } from './read-run.js';

/**
 * Returns the metrics of what a system retrieved, over the queries that are both judged and in the
 * run, as trec_eval computes them. Errors: INPUT_UNSUPPORTED where no query is in both.
 */
export function evaluateRun(
  { qrels, run, uri }: { qrels: Qrels; run: RetrievalRun; uri: string },
  ks: readonly number[],
): EvaluationResult {
  const queries = [...qrels].flatMap(([query, judgements]) => {
    const documents = run.get(query);
    return documents ? [{ ranking: rankDocuments(documents), judgements }] : [];
  });
  if (queries.length === 0)
    throw refuse(
      'INPUT_UNSUPPORTED',
      `${uri}: no query of the run is judged`,
      'Check that run and judgements belong together.',
      uri,
    );
  const counts = {
    queries: queries.length,
    judgements: queries.reduce((sum, { judgements }) => sum + judgements.size, 0),
    queriesNotInRun: qrels.size - queries.length,
    queriesWithoutJudgements: run.size - queries.length,
  };
  return { metrics: meanMetrics(queries, ks), counts, tokens: 0 };
}
