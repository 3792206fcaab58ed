import { meanMetrics } from '../../core/metrics/retrieval-metrics.js';
import type { Embedder } from '../model/embedder.js';
import type { EvaluateOptions, EvaluationResult } from './evaluation-result.js';
import type { RetrievalTask } from './retrieval-task.js';
import { retrieve } from './retrieve.js';

/** The metrics of a model on a retrieval task. Errors: those of `retrieve`. */
export async function evaluateRetrieval(
  task: RetrievalTask,
  embedder: Embedder,
  { ks, ...options }: EvaluateOptions,
): Promise<EvaluationResult> {
  const { rankings, tokens } = await retrieve(task, embedder, { ...options, k: Math.max(...ks) });
  const judged = [...rankings].map(([query, ranking]) => ({ ranking, judgements: task.qrels.get(query)! }));
  return { metrics: meanMetrics(judged, ks), counts: { ...task.counts }, tokens };
}
