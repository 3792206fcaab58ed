import type { SquadParagraph } from './read-squad-questions.js';
import { countTask } from './retrieval-counts.js';
import type { RetrievalTask, TaskText } from './retrieval-task.js';

export interface SquadTaskOptions {
  /**
   * Whether a question that is asked twice in the same words counts twice, each with its own paragraph, as in
   * sentence-transformers' evaluator; else it counts once, and all its paragraphs are relevant, as in MTEB.
   */
  everyQuestion: boolean;
  uri: string;
}

/**
 * Finding the paragraph of each answerable question among all paragraphs; equal paragraphs are one document, under the
 * id of the first. Errors: INPUT_EMPTY.
 */
export function squadTask(
  paragraphs: readonly SquadParagraph[],
  { everyQuestion, uri }: SquadTaskOptions,
): RetrievalTask {
  const documents = uniqueContexts(paragraphs);
  const idOf = new Map(documents.map(({ id, text }) => [text, id]));
  const questions = new Map<string, string>();
  const qrels = new Map<string, Map<string, number>>();
  for (const { id: paragraph, context, questions: asked } of paragraphs) {
    for (const [index, { text, isAnswerable }] of asked.entries()) {
      if (!isAnswerable) continue;
      const id = (everyQuestion ? undefined : questions.get(text)) ?? `${paragraph}/${index}`;
      if (!everyQuestion) questions.set(text, id);
      const judgements = qrels.get(id) ?? new Map<string, number>();
      qrels.set(id, judgements.set(idOf.get(context)!, 1));
    }
  }
  const queries = paragraphs
    .flatMap(({ id, questions: asked }) =>
      asked.map(({ text }, index): TaskText => ({ id: `${id}/${index}`, text })),
    )
    .filter(({ id }) => qrels.has(id));
  const documentIds = documents.map(({ id }) => id);
  const emptyDocuments = documents.filter(({ text }) => text === '').length;
  return {
    documents: async function* () {
      yield* documents;
    },
    documentIds,
    qrels,
    ...countTask({ documentIds, emptyDocuments, queries, qrels, uri }),
  };
}

/** The paragraphs as documents, each text once. */
export function uniqueContexts(paragraphs: readonly SquadParagraph[]): TaskText[] {
  const first = new Map<string, string>();
  for (const { id, context } of paragraphs) if (!first.has(context)) first.set(context, id);
  return [...first].map(([text, id]) => ({ id, text }));
}
