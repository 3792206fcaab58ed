import { VectormillError } from '../../core/errors.js';
import { type ByteSource, wholeObject } from '../../engine/corpus/byte-source.js';
import { decodeUtf8, withoutByteOrderMark } from '../../engine/corpus/decode-text.js';
import { decompress } from '../../engine/corpus/decompress.js';
import { compressionOf } from '../../engine/corpus/detect-format.js';
import { LineSplitter } from '../../engine/corpus/line-splitter.js';

/** A longer line is an error, bytes. */
const MAX_LINE_BYTES = 64 * 1024 * 1024;

/** One line of a JSONL object. */
export interface JsonLine {
  values: Readonly<Record<string, unknown>>;
  /** From 1. */
  line: number;
  /** INPUT_DAMAGED for this line: `what` is wrong with it, as the rest of a sentence. */
  bad(what: string): VectormillError;
}

/**
 * The objects of a JSONL object, plain or compressed, in order; blank lines are none. `form` says what a line has to
 * be, for the remedy. Errors: INPUT_DAMAGED with the number of the line, from 1; INPUT_CHANGED.
 */
export async function* readJsonLines(
  source: ByteSource,
  { component, form }: { component: string; form: string },
): AsyncGenerator<JsonLine> {
  const splitter = new LineSplitter(MAX_LINE_BYTES, 0);
  let line = 0;
  const parse = (bytes: Uint8Array | undefined): JsonLine | undefined => {
    line += 1;
    const position = line;
    const bad = (what: string) =>
      new VectormillError('INPUT_DAMAGED', `line ${position} of ${source.uri} ${what}`, {
        component,
        file: source.uri,
        position,
        remedy: `Mend the line: each is ${form}.`,
      });
    const values = parseLine(bytes, position === 1, bad);
    return values && { values, line: position, bad };
  };
  for await (const piece of decompress(wholeObject(source), compressionOf(source.key), source.uri)) {
    for (const { bytes } of splitter.push(piece)) {
      const row = parse(bytes);
      if (row) yield row;
    }
  }
  const last = splitter.end();
  const row = last && parse(last.bytes);
  if (row) yield row;
}

/** A member that must be a text. Errors: INPUT_DAMAGED. */
export function readText({ values, bad }: JsonLine, key: string): string {
  const text = values[key];
  if (typeof text !== 'string') throw bad(`has no string \`${key}\``);
  if (!text.isWellFormed()) throw bad(`has half a surrogate pair in \`${key}\``);
  return text;
}

/** The member `id`, a string or a number, as text. Errors: INPUT_DAMAGED. */
export function readId({ values: { id }, bad }: JsonLine): string {
  if (typeof id === 'string' && id.isWellFormed()) return id;
  if (typeof id !== 'number') throw bad('has no `id` that is a string or a number');
  // Beyond 2⁵³ two ids may be the same JavaScript number.
  if (Number.isInteger(id) && !Number.isSafeInteger(id))
    throw bad('has an `id` too large for a JSON number; write it as a string');
  return String(id);
}

function parseLine(
  bytes: Uint8Array | undefined,
  isFirst: boolean,
  bad: JsonLine['bad'],
): Record<string, unknown> | undefined {
  if (!bytes) throw bad(`is longer than ${MAX_LINE_BYTES} bytes`);
  const text = decodeUtf8(isFirst ? withoutByteOrderMark(bytes) : bytes);
  if (text === undefined) throw bad('is not valid UTF-8');
  if (text.trim() === '') return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The parser's own message quotes the line.
    throw bad('is not valid JSON');
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value))
    throw bad('is JSON, but not an object');
  return value as Record<string, unknown>;
}
