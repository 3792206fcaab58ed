import { VectormillError } from '../../core/errors.js';
import type { ByteSource } from './byte-source.js';
import { decodeUtf8, withoutByteOrderMark } from './decode-text.js';
import { ExactNumber } from './exact-number.js';
import { LineSplitter } from './line-splitter.js';
import { objectText } from './object-text.js';
import { parseJson } from './parse-json.js';

/**
 * The name of the reader of a file in which every line must be good, and the name of a good line.
 * The error for a bad line says both.
 */
export interface LineReader {
  component: string;
  remedy: string;
}

/** Describes the reader of a component. `shape` says in the error what each line must be. */
export function lineReader(component: string, shape: string): LineReader {
  return { component, remedy: `Mend the line: ${shape}.` };
}

/** A line of a file, as the error for it names it. */
export interface LinePlace extends LineReader {
  uri: string;
  /** The number of the line, from 1. */
  line: number;
}

/** A line longer than this, in bytes, is an error. */
const MAX_LINE_BYTES = 64 * 1024 * 1024;

/**
 * Yields the lines of an object, plain or compressed, in order, without their terminators and
 * without blank lines.
 * Errors: INPUT_DAMAGED with the number of the line; INPUT_CHANGED.
 */
export async function* readTextLines(
  source: ByteSource,
  reader: LineReader,
): AsyncGenerator<{ text: string; place: LinePlace }> {
  const splitter = new LineSplitter(MAX_LINE_BYTES, 0);
  const place = { ...reader, uri: source.uri, line: 0 };
  for await (const piece of objectText(source)) {
    for (const { bytes } of splitter.push(piece)) {
      place.line += 1;
      const text = toText(bytes, place);
      if (text !== undefined) yield { text, place: { ...place } };
    }
  }
  const last = splitter.end();
  place.line += 1;
  const text = last && toText(last.bytes, place);
  if (text !== undefined) yield { text, place };
}

/**
 * Yields the lines of a JSONL object, each of which is a JSON object. Errors: those of
 * `readTextLines`.
 */
export async function* readJsonLines(
  source: ByteSource,
  reader: LineReader,
): AsyncGenerator<{ fields: Readonly<Record<string, unknown>>; place: LinePlace }> {
  for await (const { text, place } of readTextLines(source, reader))
    yield { fields: parseObject(text, place), place };
}

/** Returns a member that must be a string. Errors: INPUT_DAMAGED. */
export function readString(
  fields: Readonly<Record<string, unknown>>,
  name: string,
  place: LinePlace,
): string {
  const value = fields[name];
  if (typeof value !== 'string') throw badLine(place, `has no string \`${name}\``);
  if (!value.isWellFormed()) throw badLine(place, `has half a surrogate pair in \`${name}\``);
  return value;
}

/**
 * Returns an id, which is a string or a number, as a string. A number that no double can hold keeps
 * its digits. Errors: INPUT_DAMAGED.
 */
export function readId(fields: Readonly<Record<string, unknown>>, name: string, place: LinePlace): string {
  const id = fields[name];
  if (typeof id === 'string' && id.isWellFormed()) return id;
  if (typeof id === 'number' || id instanceof ExactNumber) return String(id);
  throw badLine(place, `has no \`${name}\` that is a string or a number`);
}

/**
 * Returns INPUT_DAMAGED for a line. `what` continues the sentence after the line's name and never
 * quotes the line.
 */
export function badLine({ uri, line, component, remedy }: LinePlace, what: string): VectormillError {
  const details = { component, file: uri, position: line, remedy };
  return new VectormillError('INPUT_DAMAGED', `line ${line} of ${uri} ${what}`, details);
}

function toText(bytes: Uint8Array | undefined, place: LinePlace): string | undefined {
  if (!bytes) throw badLine(place, `is longer than ${MAX_LINE_BYTES} bytes`);
  const text = decodeUtf8(place.line === 1 ? withoutByteOrderMark(bytes) : bytes);
  if (text === undefined) throw badLine(place, 'is not valid UTF-8');
  return text.trim() === '' ? undefined : text;
}

function parseObject(line: string, place: LinePlace): Record<string, unknown> {
  let value: unknown;
  try {
    value = parseJson(line);
  } catch {
    // The parser's own message would quote the line.
    throw badLine(place, 'is not valid JSON');
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value))
    throw badLine(place, 'is JSON, but not an object');
  return value as Record<string, unknown>;
}
