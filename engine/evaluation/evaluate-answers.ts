import type { Embedder } from '../model/embedder.js';
import type { AnswerTask } from './answer-task.js';
import type { EvaluateOptions, EvaluationResult } from './evaluation-result.js';
import { retrieve } from './retrieve.js';

/**
 * The share of the questions whose nearest context contains the text of one of their answers, letter by letter.
 * Errors: those of `retrieve`.
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
