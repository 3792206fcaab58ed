import { openStore } from '../../../engine/store/open-store.js';
import { requireSource } from '../../../engine/tables/find-source.js';
import { corpusOf } from '../corpus/support.js';

/** Opens a file that is written for its test. */
export async function sourceOf(name: string, content: string | Uint8Array) {
  return requireSource(`${await corpusOf({ [name]: content })}/${name}`, openStore);
}

/** Returns the error with which a promise is rejected. */
export async function errorOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => undefined,
    (error: unknown) => error,
  );
}

/**
 * Writes a BEIR folder of two documents and three queries. `files` replaces its files or adds
 * others.
 */
export function beirFolder(files: Record<string, string | Uint8Array> = {}): Promise<string> {
  return corpusOf({
    'corpus.jsonl':
      '{"_id": "d1", "title": "One", "text": "a b"}\n{"_id": "d2", "title": "", "text": " c "}\n{"_id": 3, "text": ""}\n',
    'queries.jsonl':
      '{"_id": "q1", "text": "One a b"}\n{"_id": "q2", "text": "c"}\n{"_id": "q3", "text": "not judged"}\n',
    'qrels/test.tsv': 'query-id\tcorpus-id\tscore\nq1\td1\t1\nq2\td1\t0\n',
    ...files,
  });
}

export const SQUAD = JSON.stringify({
  version: '2.0',
  data: [
    {
      title: 'Letters',
      paragraphs: [
        {
          context: ' a b ',
          qas: [
            { question: 'first? ', id: '1', answers: [{ text: 'b', answer_start: 3 }] },
            { question: 'never?', id: '2', is_impossible: true, answers: [] },
          ],
        },
        { context: 'c d', qas: [{ question: 'first?', id: '3', answers: [{ text: 'd', answer_start: 2 }] }] },
      ],
    },
    {
      title: 'More',
      paragraphs: [
        { context: 'a b', qas: [{ question: 'a b', id: '4', answers: [{ text: 'a', answer_start: 0 }] }] },
        { context: 'nobody asks', qas: [] },
      ],
    },
  ],
});
