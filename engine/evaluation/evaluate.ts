import type { Embedder } from '../model/embedder.js';
import { evaluateAnswers } from './evaluate-answers.js';
import { evaluateRetrieval } from './evaluate-retrieval.js';
import { evaluateSimilarity } from './evaluate-similarity.js';
import type { EvaluateOptions, EvaluationResult } from './evaluation-result.js';
import type { Evaluation } from './open-evaluation.js';

/** An evaluation for which a model has to embed something. */
export type ModelEvaluation = Exclude<Evaluation, { kind: 'run' }>;

/** How good a model is at it. Errors: those of the kind, and of the model. */
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
