import { refuse } from './evaluation-errors.js';
import type { SquadParagraph } from './read-squad-questions.js';
import type { TaskText } from './retrieval-task.js';
import { uniqueContexts } from './squad-task.js';

/** This many questions are asked, counted from the first of the file. */
const MAX_QUESTIONS = 100;

/** Questions whose nearest context should hold their answer. */
export interface AnswerTask {
  /** The contexts of all answerable questions. Each text occurs once, which changes no result. */
  contexts: readonly TaskText[];
  /** The first 100 questions that have an answer. */
  questions: readonly (TaskText & { answers: readonly string[] })[];
}

/** Makes the task. Errors: INPUT_EMPTY where no question has an answer. */
export function answerTask(paragraphs: readonly SquadParagraph[], uri: string): AnswerTask {
  const answerable = paragraphs
    .map(({ questions, ...paragraph }) => ({
      ...paragraph,
      questions: questions.filter(({ isAnswerable, answers }) => isAnswerable && answers.length > 0),
    }))
    .filter(({ questions }) => questions.length > 0);
  if (answerable.length === 0) {
    const remedy = 'Give a file whose questions have `answers` with a `text`.';
    throw refuse('INPUT_EMPTY', `${uri}: no question has an answer`, remedy, uri);
  }
  const questions = answerable.flatMap(({ id, questions: asked }) =>
    asked.map(({ text, answers }, index) => ({ id: `${id}/${index}`, text, answers })),
  );
  return { contexts: uniqueContexts(answerable), questions: questions.slice(0, MAX_QUESTIONS) };
}
