import type { CsvDialect } from './csv-dialect.js';

/**
 * A row and where it ends. `end` is the place of its line end, or the end of all bytes. For a bad
 * row, `at` is the byte at which it turns out to be bad.
 */
export type ParsedRow =
  | { kind: 'fields'; fields: Uint8Array[]; end: number; lines: number }
  | { kind: 'bad'; reason: string; at: number };

type FieldsRow = Extract<ParsedRow, { kind: 'fields' }>;

const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** Parses one row of a table from bytes that may hold only the row's beginning. */
export class CsvRowParser {
  buffer: Uint8Array = new Uint8Array(0);
  /** Whether no more bytes follow those of the buffer. */
  atEnd = false;
  /** The number of fields in the table's first row; undefined before it has been read. */
  private width: number | undefined;
  /** Whether a lone carriage return ends a line. The table's first row decides it. */
  private endsAtReturn: boolean | undefined;

  constructor(
    private readonly dialect: CsvDialect,
    private readonly maxBytes: number,
  ) {}

  /** Parses the row at `from`. The result is `incomplete` if more bytes are needed to tell. */
  parse(from: number): ParsedRow | 'incomplete' {
    const row = this.dialect.quoting === 'strict' ? this.quotedRow(from) : this.lineRow(from);
    if (this.width === undefined && row !== 'incomplete' && row.kind === 'fields' && !isBlankRow(row, from)) {
      this.width = row.fields.length;
      this.endsAtReturn = this.buffer[row.end] === CARRIAGE_RETURN;
    }
    return row;
  }

  /** Says whether a line ends at this byte of the buffer. */
  isLineEnd(at: number): boolean {
    const byte = this.buffer[at];
    return byte === NEWLINE || (byte === CARRIAGE_RETURN && this.isReturnAlone(at));
  }

  /** Returns where the line of `from` ends: at its line end or at the end of the buffer. */
  lineEnd(from: number): number {
    let at = from;
    while (at < this.buffer.length && !this.isLineEnd(at)) at += 1;
    return at;
  }

  /**
   * Says whether the carriage return at `at` ends a line by itself. Lines end with `\n` or `\r\n`,
   * or with a lone `\r` if the first row does; otherwise a lone `\r` is an ordinary character. The
   * last byte that has arrived does not count as a lone one yet.
   */
  private isReturnAlone(at: number): boolean {
    if (this.endsAtReturn !== undefined) return this.endsAtReturn;
    return at + 1 < this.buffer.length ? this.buffer[at + 1] !== NEWLINE : this.atEnd;
  }

  private quotedRow(from: number): ParsedRow | 'incomplete' {
    const { buffer, atEnd } = this;
    const { delimiter, quote } = this.dialect;
    const fields: Uint8Array[] = [];
    let lines = 1;
    let at = from;
    for (;;) {
      if (buffer[at] === quote) {
        const field = this.quotedField(at);
        if (field === 'incomplete') return 'incomplete';
        if ('reason' in field) return { kind: 'bad', ...field };
        fields.push(field.value);
        lines += field.lineEnds;
        at = field.next;
      } else {
        const end = this.fieldEnd(at);
        if (end === buffer.length && !atEnd) return 'incomplete';
        fields.push(this.plainField(at, end));
        at = end;
      }
      if (at === buffer.length || buffer[at] !== delimiter) return { kind: 'fields', fields, end: at, lines };
      at += 1;
    }
  }

  private lineRow(from: number): ParsedRow | 'incomplete' {
    const { buffer, atEnd } = this;
    const { delimiter, quote, quoting } = this.dialect;
    const fields: Uint8Array[] = [];
    let isOpen = false;
    let at = from;
    for (;;) {
      const end = this.fieldEnd(at);
      if (end === buffer.length && !atEnd) return 'incomplete';
      const field = this.plainField(at, end);
      const inner = quoting === 'loose' && field[0] === quote ? enclosedBy(field, quote) : field;
      isOpen ||= inner === undefined;
      fields.push(inner ?? field);
      at = end;
      if (at === buffer.length || buffer[at] !== delimiter) break;
      at += 1;
    }
    const row: FieldsRow = { kind: 'fields', fields, end: at, lines: 1 };
    return isOpen ? this.looseRow(from, row) : row;
  }

  /**
   * Decides how to read a line in which a quote opens a field and does not close it. The line is a
   * row of its own, with the quote as an ordinary character, unless two things hold: reading on to
   * the closing quote gives as many fields as the first row has, and the lines in between do not
   * have that many. Then no other reading makes rows of those lines.
   */
  private looseRow(from: number, line: FieldsRow): ParsedRow | 'incomplete' {
    const limit = from + this.maxBytes;
    const isWhole = line.fields.length === this.width;
    if (isWhole) {
      const next = this.countFields(this.afterLine(line.end), limit);
      if (next === 'incomplete') return 'incomplete';
      if (next === undefined || next.fields === this.width) return line;
    }
    const quoted = this.quotedRow(from);
    if (quoted === 'incomplete') return this.buffer.length > limit ? line : 'incomplete';
    if (quoted.kind === 'bad' || quoted.end > limit) return line;
    if (this.width === undefined) {
      const next = this.countFields(this.afterLine(quoted.end), limit);
      if (next === 'incomplete') return 'incomplete';
      return next === undefined || next.fields === quoted.fields.length ? quoted : line;
    }
    if (quoted.fields.length !== this.width) return line;
    const last = isWhole ? quoted.end + 1 : quoted.end;
    for (let at = this.afterLine(line.end); at < quoted.end; ) {
      const inner = this.countFields(at, limit);
      if (inner === undefined || inner === 'incomplete') break;
      if (inner.fields === this.width && inner.end < last) return line;
      at = this.afterLine(inner.end);
    }
    return quoted;
  }

  /**
   * Counts the fields of the line at `from`, with quotes as ordinary characters. The result is
   * undefined if there is no line or if it ends beyond `limit`.
   */
  private countFields(
    from: number,
    limit: number,
  ): { fields: number; end: number } | undefined | 'incomplete' {
    const { buffer, atEnd } = this;
    if (from >= buffer.length && atEnd) return undefined;
    let fields = 1;
    let at = this.fieldEnd(from);
    for (; at < buffer.length && buffer[at] === this.dialect.delimiter; at = this.fieldEnd(at + 1))
      fields += 1;
    if (at > limit) return undefined;
    return at >= buffer.length && !atEnd ? 'incomplete' : { fields, end: at };
  }

  private afterLine(end: number): number {
    return this.buffer[end] === CARRIAGE_RETURN && this.buffer[end + 1] === NEWLINE ? end + 2 : end + 1;
  }

  /** Returns an unquoted field without the carriage return of a two-byte line end. */
  private plainField(from: number, end: number): Uint8Array {
    const { buffer } = this;
    const isLast = end === buffer.length || buffer[end] === NEWLINE;
    const hasReturn = isLast && end > from && buffer[end - 1] === CARRIAGE_RETURN;
    return buffer.subarray(from, hasReturn ? end - 1 : end);
  }

  /** Returns where an unquoted field ends: at a delimiter, a line end or the buffer's end. */
  private fieldEnd(from: number): number {
    const { buffer } = this;
    const { delimiter } = this.dialect;
    let at = from;
    if (this.endsAtReturn === false)
      while (at < buffer.length && buffer[at] !== delimiter && buffer[at] !== NEWLINE) at += 1;
    else while (at < buffer.length && buffer[at] !== delimiter && !this.isLineEnd(at)) at += 1;
    return at;
  }

  private quotedField(
    from: number,
  ): 'incomplete' | { reason: string; at: number } | { value: Uint8Array; next: number; lineEnds: number } {
    const { buffer, atEnd } = this;
    const { quote } = this.dialect;
    let escaped = false;
    for (let at = buffer.indexOf(quote, from + 1); at !== -1; at = buffer.indexOf(quote, at + 2)) {
      if (buffer[at + 1] === quote) {
        escaped = true;
        continue;
      }
      const next = this.afterQuote(at + 1);
      if (next === 'incomplete') return 'incomplete';
      if (next === undefined) {
        const shows = buffer[at + 1] === CARRIAGE_RETURN ? at + 2 : at + 1;
        return { reason: 'a quoted field goes on after its closing quote', at: shows };
      }
      const inner = buffer.subarray(from + 1, at);
      const lineEnds = count(inner, this.endsAtReturn === true ? CARRIAGE_RETURN : NEWLINE);
      return { value: escaped ? withoutEscapes(inner, quote) : inner, next, lineEnds };
    }
    return atEnd ? { reason: 'a quoted field is never closed', at: buffer.length } : 'incomplete';
  }

  /**
   * Returns where the field whose closing quote lies before `at` ends: at its delimiter or its line
   * end. The result is undefined if neither follows.
   */
  private afterQuote(at: number): number | 'incomplete' | undefined {
    const { buffer, atEnd } = this;
    if (at < buffer.length && (buffer[at] === this.dialect.delimiter || this.isLineEnd(at))) return at;
    const end = buffer[at] === CARRIAGE_RETURN ? at + 1 : at;
    if (end >= buffer.length) return atEnd ? buffer.length : 'incomplete';
    return buffer[end] === NEWLINE ? end : undefined;
  }
}

/** Says whether a row is an empty line. */
export function isBlankRow({ fields, end }: FieldsRow, from: number): boolean {
  return fields.length === 1 && fields[0]!.length === 0 && end - from <= 1;
}

/**
 * Returns what the quotes at both ends of a field enclose, if every other quote in it is doubled.
 * The result is undefined otherwise.
 */
function enclosedBy(field: Uint8Array, quote: number): Uint8Array | undefined {
  if (field.length < 2 || field[field.length - 1] !== quote) return undefined;
  const inner = field.subarray(1, -1);
  let escaped = false;
  for (let at = inner.indexOf(quote); at !== -1; at = inner.indexOf(quote, at + 2)) {
    if (inner[at + 1] !== quote) return undefined;
    escaped = true;
  }
  return escaped ? withoutEscapes(inner, quote) : inner;
}

function withoutEscapes(bytes: Uint8Array, quote: number): Uint8Array {
  const result = new Uint8Array(bytes.length);
  let length = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    result[length] = bytes[at]!;
    length += 1;
    if (bytes[at] === quote) at += 1;
  }
  return result.subarray(0, length);
}

function count(bytes: Uint8Array, byte: number): number {
  let found = 0;
  for (let at = bytes.indexOf(byte); at !== -1; at = bytes.indexOf(byte, at + 1)) found += 1;
  return found;
}
