import type { ByteSource } from '../../engine/corpus/byte-source.js';
import type { TextPair } from '../../engine/tokenizer/pair-tokenizer.js';
import { type JsonLine, readId, readJsonLines, readText } from '../encode/read-json-lines.js';
import { readTexts } from '../encode/read-texts.js';

/** Two texts to be scored together. */
export interface PairRow {
  /** Absent where the row has none. */
  id?: string;
  pair: TextPair;
}

/** Every document of a JSONL object beside the query. Errors: those of `readTexts`. */
export async function* readDocuments(source: ByteSource, query: string): AsyncGenerator<PairRow> {
  for await (const { id, text } of readTexts(source, 'rank')) yield { id, pair: [query, text] };
}

/**
 * The rows `query, text` or `text1, text2` of a JSONL object, with or without an `id`, in order.
 * Errors: INPUT_DAMAGED with the number of the line, from 1; INPUT_CHANGED.
 */
export async function* readPairs(source: ByteSource): AsyncGenerator<PairRow> {
  const form =
    'a JSON object with the strings `query` and `text`, or `text1` and `text2`, and an `id` where it has one';
  for await (const row of readJsonLines(source, { component: 'rank', form })) {
    const id = row.values.id === undefined ? {} : { id: readId(row) };
    yield { pair: [readFirst(row), readSecond(row)], ...id };
  }
}

function readFirst(row: JsonLine): string {
  return readText(row, 'text1' in row.values ? 'text1' : 'query');
}

function readSecond(row: JsonLine): string {
  return readText(row, 'text1' in row.values ? 'text2' : 'text');
}
