import type { SquadParagraph } from './read-squad-questions.js';
import { countTask } from './retrieval-counts.js';
import type { RetrievalTask, TaskText } from './retrieval-task.js';

export interface SquadTaskOptions {
  /**
   * Whether a question that is asked twice in the same words counts twice, each time with its own
   * paragraph, as in the evaluator of sentence-transformers. Otherwise it counts once, and all its
   * paragraphs are relevant, as in MTEB.
   */
  everyQuestion: boolean;
  uri: string;
}

/**
 * Returns the task of finding each answerable question's paragraph among all paragraphs. Equal
 * paragraphs are one document, with the id of the first. Errors: INPUT_EMPTY.
 */
export function squadTask(
  paragraphs: readonly SquadParagraph[],
  { everyQuestion, uri }: SquadTaskOptions,
): RetrievalTask {
  const documents = uniqueContexts(paragraphs);
  const documentIds = documents.map(({ id }) => id);
  const idOf = new Map(documents.map(({ id, text }) => [text, id]));
  const queries = new Map<string, TaskText>();
  const qrels = new Map<string, Map<string, number>>();
  let unanswerableQuestions = 0;
  let repeatedQuestions = 0;
  for (const { id: paragraph, context, questions } of paragraphs) {
    for (const [index, { text, isAnswerable }] of questions.entries()) {
      const own = `${paragraph}/${index}`;
      if (!isAnswerable) {
        unanswerableQuestions += 1;
        continue;
      }
      const key = everyQuestion ? own : text;
      const query = queries.get(key) ?? { id: own, text };
      if (query.id !== own) repeatedQuestions += 1;
      queries.set(key, query);
      qrels.set(query.id, (qrels.get(query.id) ?? new Map<string, number>()).set(idOf.get(context)!, 1));
    }
  }
  const emptyDocuments = documents.filter(({ text }) => text === '').length;
  const task = countTask({ documentIds, emptyDocuments, queries: [...queries.values()], qrels, uri });
  return {
    documents: async function* () {
      yield* documents;
    },
    documentIds,
    qrels,
    queries: task.queries,
    counts: { ...task.counts, unanswerableQuestions, repeatedQuestions },
  };
}

/** Returns the paragraphs as documents, each text once. */
export function uniqueContexts(paragraphs: readonly SquadParagraph[]): TaskText[] {
  const first = new Map<string, string>();
  for (const { id, context } of paragraphs) if (!first.has(context)) first.set(context, id);
  return [...first].map(([text, id]) => ({ id, text }));
}
