import type { ByteSource } from '../../engine/corpus/byte-source.js';
import { readId, readJsonLines, readString } from '../../engine/corpus/text-lines.js';
import type { TextPair } from '../../engine/tokenizer/pair-tokenizer.js';
import { readTexts } from '../encode/read-texts.js';

/** Two texts that are scored together. */
export interface PairRow {
  /** The row's id. Absent where the row has none. */
  id?: string;
  pair: TextPair;
}

/** Pairs the query with every document of a JSONL object. Errors: those of `readTexts`. */
export async function* readDocuments(source: ByteSource, query: string): AsyncGenerator<PairRow> {
  for await (const { id, text } of readTexts(source, 'rank')) yield { id, pair: [query, text] };
}

/**
 * Yields the rows `query, text` or `text1, text2` of a JSONL object, with or without an `id`, in
 * order. Errors: INPUT_DAMAGED with the number of the line, from 1; INPUT_CHANGED.
 */
export async function* readTextPairs(source: ByteSource): AsyncGenerator<PairRow> {
  const remedy =
    'Mend the line: each is a JSON object with the strings `query` and `text`, or `text1` and `text2`, and an `id` where it has one.';
  for await (const { fields, place } of readJsonLines(source, { component: 'rank', remedy })) {
    const [first, second] = 'text1' in fields ? (['text1', 'text2'] as const) : (['query', 'text'] as const);
    const pair: TextPair = [readString(fields, first, place), readString(fields, second, place)];
    yield { pair, ...(fields.id === undefined ? {} : { id: readId(fields, 'id', place) }) };
  }
}
