import type { ByteSource } from '../corpus/byte-source.js';
import {
  badLine,
  type LinePlace,
  lineReader,
  readId,
  readJsonLines,
  readString,
} from '../corpus/text-lines.js';
import { readQrels } from '../tables/read-qrels.js';
import { countTask } from './retrieval-counts.js';
import type { RetrievalTask, TaskText } from './retrieval-task.js';

/** The three files of a BEIR task. */
export interface BeirSources {
  corpus: ByteSource;
  queries: ByteSource;
  qrels: ByteSource;
}

const CORPUS_READER = lineReader(
  'evaluation',
  'each is a JSON object with `_id` (string or number), `text` (string) and perhaps `title` (string)',
);
const QUERY_READER = lineReader(
  'evaluation',
  'each is a JSON object with `_id` (string or number) and `text` (string)',
);

/**
 * Opens a BEIR task. Everything but the documents' texts is read and checked here, and only judged
 * queries are kept. Errors: INPUT_DAMAGED with the line, also where an id occurs twice; those of
 * `readQrels` and `countTask`.
 */
export async function openBeir({ corpus, queries, qrels }: BeirSources): Promise<RetrievalTask> {
  const judged = await readQrels(qrels);
  const allQueries: TaskText[] = [];
  for await (const query of uniqueTexts(readQueries(queries))) allQueries.push(query);
  const documentIds: string[] = [];
  let emptyDocuments = 0;
  for await (const { id, text } of uniqueTexts(readDocuments(corpus))) {
    documentIds.push(id);
    if (text === '') emptyDocuments += 1;
  }
  const task = { documentIds, emptyDocuments, queries: allQueries, qrels: judged, uri: corpus.uri };
  return { documents: () => readDocuments(corpus), documentIds, qrels: judged, ...countTask(task) };
}

interface PlacedText extends TaskText {
  place: LinePlace;
}

/**
 * Yields the documents. A document's text is its title, a space and its text, without white space
 * at the ends, as MTEB joins them.
 */
async function* readDocuments(source: ByteSource): AsyncGenerator<PlacedText> {
  for await (const { fields, place } of readJsonLines(source, CORPUS_READER)) {
    const title = fields.title == null ? '' : readString(fields, 'title', place);
    const text = `${title} ${readString(fields, 'text', place)}`.trim();
    yield { id: readTaskId(fields, place), text, place };
  }
}

async function* readQueries(source: ByteSource): AsyncGenerator<PlacedText> {
  for await (const { fields, place } of readJsonLines(source, QUERY_READER))
    yield { id: readTaskId(fields, place), text: readString(fields, 'text', place), place };
}

function readTaskId(fields: Readonly<Record<string, unknown>>, place: LinePlace): string {
  return readId(fields, fields._id === undefined && fields.id !== undefined ? 'id' : '_id', place);
}

async function* uniqueTexts(texts: AsyncIterable<PlacedText>): AsyncGenerator<TaskText> {
  const seen = new Set<string>();
  for await (const { id, text, place } of texts) {
    if (seen.has(id)) throw badLine(place, 'has the id of an earlier line');
    seen.add(id);
    yield { id, text };
  }
}
