import type { ByteSource } from '../../engine/corpus/byte-source.js';
import { readId, readJsonLines, readString } from '../../engine/corpus/text-lines.js';

export interface TextRow {
  id: string;
  text: string;
}

/**
 * Yields the rows `id, text` of a JSONL object, plain or compressed, in order. Blank lines are
 * skipped. Texts may be empty. Errors: INPUT_DAMAGED with the number of the line, from 1, and with
 * the reading command as the component; INPUT_CHANGED.
 */
export async function* readTexts(source: ByteSource, component = 'encode'): AsyncGenerator<TextRow> {
  const remedy = 'Mend the line: each is a JSON object with `id` (string or number) and `text` (string).';
  for await (const { fields, place } of readJsonLines(source, { component, remedy })) {
    const text = readString(fields, 'text', place);
    yield { id: readId(fields, 'id', place), text };
  }
}
