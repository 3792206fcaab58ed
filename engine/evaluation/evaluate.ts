import { pearson, spearman } from '../../core/metrics/correlations.js';
import { preparedRows, preparedScore } from '../../core/metrics/prepared-score.js';
import { meanMetrics } from '../../core/metrics/retrieval-metrics.js';
import { metricOf } from '../../core/similarity.js';
import type { Embedder } from '../model/embedder.js';
import type { AnswerTask } from './answer-task.js';
import type { EvaluateOptions, EvaluationResult } from './evaluation-result.js';
import type { Evaluation } from './open-evaluation.js';
import type { SentencePair } from './read-sentence-pairs.js';
import type { Reranking, RetrievalMethod } from './retrieval-method.js';
import type { RetrievalTask } from './retrieval-task.js';
import { retrieve } from './retrieve.js';

/** An evaluation for which a model has to embed something. */
export type ModelEvaluation = Exclude<Evaluation, { kind: 'run' }>;

/** Evaluates a model. Errors: those of the kind of evaluation, and of the model. */
export async function evaluate(
  evaluation: ModelEvaluation,
  embedder: Embedder,
  options: EvaluateOptions,
): Promise<EvaluationResult> {
  switch (evaluation.kind) {
    case 'sts':
      return evaluateSimilarity(evaluation.pairs, embedder, options);
    case 'squad-answers':
      return evaluateAnswers(evaluation.task, embedder, options);
    default:
      return evaluateRetrieval(evaluation.task, { mode: 'dense', embedder }, options);
  }
}

/**
 * Returns the fraction of the questions whose nearest context contains the text of one of their
 * answers, letter by letter. Errors: those of `retrieve`.
 */
export async function evaluateAnswers(
  { contexts, questions }: AnswerTask,
  embedder: Embedder,
  options: Pick<EvaluateOptions, 'signal' | 'onProgress'>,
): Promise<EvaluationResult> {
  const task = {
    documents: async function* () {
      yield* contexts;
    },
    documentIds: contexts.map(({ id }) => id),
    queries: questions,
  };
  const method = { mode: 'dense', embedder } as const;
  const { rankings, tokens } = await retrieve(task, method, { ...options, k: 1, ignoreIdenticalIds: false });
  const textOf = new Map(contexts.map(({ id, text }) => [id, text]));
  const answered = questions.filter(({ id, answers }) => {
    const nearest = textOf.get(rankings.get(id)![0]!)!;
    return answers.some((answer) => nearest.includes(answer));
  });
  return {
    metrics: { accuracy: answered.length / questions.length },
    counts: { questions: questions.length, contexts: contexts.length },
    tokens,
  };
}

/**
 * Returns the correlation of the pairs' similarities with the judges' scores. The pairs are
 * embedded without a prompt and compared by the model's own similarity. A correlation is null where
 * all similarities or all scores are equal. Errors: those of the model.
 */
export async function evaluateSimilarity(
  pairs: readonly SentencePair[],
  embedder: Embedder,
  { signal, onProgress }: Pick<EvaluateOptions, 'signal' | 'onProgress'>,
): Promise<EvaluationResult> {
  const texts = pairs.flatMap(({ first, second }) => [first, second]);
  let done = 0;
  const { vectors, tokens } = await embedder.embed(texts, {
    ...(signal && { signal }),
    onProgress: ({ rows }) => {
      done += rows;
      onProgress?.(done, texts.length);
    },
  });
  const { dimensions } = embedder.signature;
  const metric = metricOf(embedder.signature);
  const rows = preparedRows(vectors, metric, dimensions);
  const scoreAt = preparedScore(metric);
  const similarities = pairs.map((_, pair) =>
    scoreAt(rows, 2 * pair * dimensions, rows, (2 * pair + 1) * dimensions, dimensions),
  );
  const scores = pairs.map(({ score }) => score);
  const metrics = {
    spearman: spearman(similarities, scores) ?? null,
    pearson: pearson(similarities, scores) ?? null,
  };
  return { metrics, counts: { pairs: pairs.length }, tokens };
}

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
