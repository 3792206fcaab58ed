import { meanMetrics } from '../../core/metrics/retrieval-metrics.js';
import type { EvaluateOptions, EvaluationResult } from './evaluation-result.js';
import type { Reranking, RetrievalMethod } from './retrieval-method.js';
import type { RetrievalTask } from './retrieval-task.js';
import { retrieve } from './retrieve.js';

/** Returns the metrics of a retrieval method on a retrieval task. Errors: those of `retrieve`. */
export async function evaluateRetrieval(
  task: RetrievalTask,
  method: RetrievalMethod,
  { ks, ...options }: EvaluateOptions & { rerank?: Reranking | undefined },
): Promise<EvaluationResult> {
  const { rankings, tokens } = await retrieve(task, method, { ...options, k: Math.max(...ks) });
  const judged = [...rankings].map(([query, ranking]) => ({ ranking, judgements: task.qrels.get(query)! }));
  return { metrics: meanMetrics(judged, ks), counts: { ...task.counts }, tokens };
}
