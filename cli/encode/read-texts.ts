import type { ByteSource } from '../../engine/corpus/byte-source.js';
import { readId, readJsonLines, readText } from './read-json-lines.js';

export interface TextRow {
  id: string;
  text: string;
}

/**
 * The rows `id, text` of a JSONL object, plain or compressed, in order; blank lines are none. Texts may be empty.
 * Errors: INPUT_DAMAGED with the number of the line, from 1, and the command that reads it as component; INPUT_CHANGED.
 */
export async function* readTexts(source: ByteSource, component = 'encode'): AsyncGenerator<TextRow> {
  const form = 'a JSON object with `id` (string or number) and `text` (string)';
  for await (const row of readJsonLines(source, { component, form }))
    yield { text: readText(row, 'text'), id: readId(row) };
}
