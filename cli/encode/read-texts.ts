import { VectormillError } from '../../core/errors.js';
import { type ByteSource, wholeObject } from '../../engine/corpus/byte-source.js';
import { decodeUtf8, withoutByteOrderMark } from '../../engine/corpus/decode-text.js';
import { decompress } from '../../engine/corpus/decompress.js';
import { compressionOf } from '../../engine/corpus/detect-format.js';
import { LineSplitter } from '../../engine/corpus/line-splitter.js';

export interface TextRow {
  id: string;
  text: string;
}

/** A longer line is an error, bytes. */
const MAX_LINE_BYTES = 64 * 1024 * 1024;

/**
 * The rows `id, text` of a JSONL object, plain or compressed, in order; blank lines are none. Texts may be empty.
 * Errors: INPUT_DAMAGED with the number of the line, from 1; INPUT_CHANGED.
 */
export async function* readTexts(source: ByteSource): AsyncGenerator<TextRow> {
  const splitter = new LineSplitter(MAX_LINE_BYTES, 0);
  let line = 0;
  for await (const piece of decompress(wholeObject(source), compressionOf(source.key), source.uri)) {
    for (const { bytes } of splitter.push(piece)) {
      line += 1;
      const row = toRow(bytes, { uri: source.uri, line });
      if (row) yield row;
    }
  }
  const last = splitter.end();
  const row = last && toRow(last.bytes, { uri: source.uri, line: line + 1 });
  if (row) yield row;
}

interface LinePlace {
  uri: string;
  line: number;
}

function toRow(bytes: Uint8Array | undefined, place: LinePlace): TextRow | undefined {
  if (!bytes) throw badLine(place, `is longer than ${MAX_LINE_BYTES} bytes`);
  const line = decodeUtf8(place.line === 1 ? withoutByteOrderMark(bytes) : bytes);
  if (line === undefined) throw badLine(place, 'is not valid UTF-8');
  if (line.trim() === '') return undefined;
  const { id, text } = parseObject(line, place);
  if (typeof text !== 'string') throw badLine(place, 'has no string `text`');
  if (!text.isWellFormed()) throw badLine(place, 'has half a surrogate pair in `text`');
  return { id: readId(id, place), text };
}

function parseObject(line: string, place: LinePlace): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    // The parser's own message quotes the line.
    throw badLine(place, 'is not valid JSON');
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value))
    throw badLine(place, 'is JSON, but not an object');
  return value as Record<string, unknown>;
}

function readId(id: unknown, place: LinePlace): string {
  if (typeof id === 'string' && id.isWellFormed()) return id;
  if (typeof id !== 'number') throw badLine(place, 'has no `id` that is a string or a number');
  // Beyond 2⁵³ two ids may be the same JavaScript number.
  if (Number.isInteger(id) && !Number.isSafeInteger(id))
    throw badLine(place, 'has an `id` too large for a JSON number; write it as a string');
  return String(id);
}

function badLine({ uri, line }: LinePlace, what: string): VectormillError {
  return new VectormillError('INPUT_DAMAGED', `line ${line} of ${uri} ${what}`, {
    component: 'encode',
    file: uri,
    position: line,
    remedy: 'Mend the line: each is a JSON object with `id` (string or number) and `text` (string).',
  });
}
