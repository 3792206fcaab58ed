import { ByteReader } from './byte-reader.js';
import { BYTE_ORDER_MARK, decodeUtf8, withoutByteOrderMark } from './decode-text.js';
import { JsonScanner, JsonSyntaxError } from './json-scanner.js';
import { isBlank, LineSplitter } from './line-splitter.js';

type JsonFormat = 'squad' | 'jsonl';

/** The number of bytes of a key that are kept. Only the key `data` matters. */
const MAX_KEY_BYTES = 64;
/**
 * If a list's first line is longer than this, the object is taken to be one list of all records.
 */
const LONG_LIST_BYTES = 64 * 1024;
const NEWLINE = 0x0a;

/**
 * Tells whether a `.json` object holds JSON lines under another name. SQuAD has a `data` array at
 * its top, and in JSON lines a whole line is an object without one. At most `maxBytes` are read,
 * the size of the largest record; a longer first line belongs to JSON lines. How the bytes are cut
 * into pieces makes no difference.
 * Returns the stream again, beginning with the bytes that were read.
 */
export async function sniffJson(
  bytes: AsyncIterable<Uint8Array>,
  maxBytes: number,
): Promise<{ format: JsonFormat; bytes: AsyncIterable<Uint8Array> }> {
  const reader = new ByteReader(bytes);
  const head: Uint8Array[] = [];
  const sniffer = new JsonSniffer(maxBytes);
  const mark = await reader.peek(BYTE_ORDER_MARK.length);
  if (withoutByteOrderMark(mark).length === 0) head.push(await reader.take(mark.length));
  while (sniffer.format === undefined) {
    const piece = await reader.takeSome();
    if (piece === undefined) sniffer.end();
    else {
      head.push(piece);
      sniffer.push(piece);
    }
  }
  return { format: sniffer.format, bytes: resumed(head, reader) };
}

async function* resumed(head: readonly Uint8Array[], reader: ByteReader): AsyncGenerator<Uint8Array> {
  try {
    yield* head;
    for (let next = await reader.takeSome(); next !== undefined; next = await reader.takeSome()) yield next;
  } finally {
    await reader.close();
  }
}

class JsonSniffer {
  format: JsonFormat | undefined;
  private readonly scanner: JsonScanner;
  private readonly lines: LineSplitter;
  private left: number;
  private listLeft = LONG_LIST_BYTES;
  private isList = false;
  private depth = 0;
  private key: string | undefined;
  /** Whether everything so far is one JSON value, which may go on. */
  private isOneValue = true;
  private sawNewline = false;
  private sawLine = false;
  private sawRecord = false;

  constructor(maxBytes: number) {
    this.left = maxBytes;
    this.lines = new LineSplitter(maxBytes, 0);
    this.scanner = new JsonScanner(
      {
        open: (kind) => {
          if (this.depth === 1 && kind === 'array' && this.key === '"data"') this.format = 'squad';
          this.isList ||= this.depth === 0 && kind === 'array';
          this.depth += 1;
        },
        close: () => {
          this.depth -= 1;
        },
        key: (spelling) => {
          if (this.depth === 1) this.key = spelling && decodeUtf8(spelling);
        },
        string: () => {},
        scalar: () => {},
      },
      MAX_KEY_BYTES,
    );
  }

  push(piece: Uint8Array): void {
    const looked = piece.subarray(0, this.left);
    this.left -= looked.length;
    for (let from = 0; from < looked.length && this.format === undefined; ) {
      const newline = looked.indexOf(NEWLINE, from);
      const end = newline === -1 ? looked.length : newline + 1;
      const to = this.listLeft === 0 ? end : Math.min(end, from + this.listLeft);
      this.pushPart(looked.subarray(from, to));
      this.listLeft -= Math.min(this.listLeft, to - from);
      if (this.listLeft === 0 && this.isList && !this.sawNewline) this.format ??= 'squad';
      from = to;
    }
    if (this.left === 0) this.format ??= this.sawNewline ? 'squad' : 'jsonl';
  }

  end(): void {
    this.takeLine(this.lines.end()?.bytes);
    if (this.isOneValue) this.scan(() => this.scanner.end());
    this.format ??= this.sawRecord && !this.isOneValue ? 'jsonl' : 'squad';
  }

  /** Takes a line or a part of one. */
  private pushPart(part: Uint8Array): void {
    if (this.isOneValue) this.scan(() => this.scanner.push(part));
    if (this.format !== undefined) return;
    for (const { bytes } of this.lines.push(part)) {
      this.sawNewline = true;
      this.takeLine(bytes);
    }
    // A line inside a larger value is not a record.
    if (this.sawRecord && !this.isOneValue) this.format ??= 'jsonl';
  }

  private scan(step: () => void): void {
    try {
      step();
    } catch (error) {
      if (!(error instanceof JsonSyntaxError)) throw error;
      this.isOneValue = false;
    }
  }

  private takeLine(bytes: Uint8Array | undefined): void {
    if (bytes === undefined || isBlank(bytes)) return;
    const isFirst = !this.sawLine;
    this.sawLine = true;
    if (!isRecord(bytes)) return;
    this.sawRecord = true;
    if (isFirst) this.format ??= 'jsonl';
  }
}

function isRecord(bytes: Uint8Array): boolean {
  const line = decodeUtf8(bytes);
  if (line === undefined) return false;
  try {
    const value: unknown = JSON.parse(line);
    const isObject = value !== null && typeof value === 'object' && !Array.isArray(value);
    return isObject && !('data' in value && Array.isArray(value.data));
  } catch {
    return false;
  }
}
