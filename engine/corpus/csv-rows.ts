import type { CsvDialect } from './csv-dialect.js';
import { CsvRowParser, isBlankRow, type ParsedRow } from './csv-row-parser.js';
import { withoutByteOrderMark } from './decode-text.js';

/**
 * A row of a delimited table. `start` is its first byte, counted from the first byte pushed. `line`
 * is the line in which it begins, from 1. `lines` is how many lines it covers.
 */
export type CsvRow = { start: number; line: number; lines: number } & (
  | { kind: 'fields'; fields: Uint8Array[] }
  | { kind: 'bad'; reason: string }
  | { kind: 'too-large' }
);

/**
 * A quoted field runs to the end of the object, over more bytes than may be read again line by
 * line.
 */
export class UnclosedQuoteError extends Error {
  constructor(
    readonly at: number,
    readonly line: number,
  ) {
    super(`a quoted field of the row at byte ${at} is never closed`);
  }
}

const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const BYTE_ORDER_MARK_BYTES = 3;

/**
 * Cuts a stream of bytes into the rows of a delimited table. It holds at most one row of
 * `maxBytes`. A byte order mark before the first row is not part of the row. A quote opens a quoted
 * field only at the field's beginning; elsewhere it is an ordinary character. A row that breaks the
 * rules of its dialect costs only its first line: reading goes on with the line after it. Blank
 * lines are not rows.
 */
export class CsvRowSplitter {
  private readonly parser: CsvRowParser;
  /** The place of the buffer's first byte. */
  private base = 0;
  private arrived: Uint8Array[] = [];
  private arrivedBytes = 0;
  /**
   * An incomplete row is parsed again only when its bytes have doubled, so that a long row is not
   * parsed over and over.
   */
  private wanted = BYTE_ORDER_MARK_BYTES;
  private line = 1;
  /** Whether the last line ended with a carriage return. A newline right after it belongs to it. */
  private endedAtReturn = false;
  /** The state of skipping a row over the limit; undefined while none is being skipped. */
  private skipping: { start: number; line: number; inQuotes: boolean; mayOpen: boolean } | undefined;

  constructor(
    private readonly dialect: CsvDialect,
    private readonly maxBytes: number,
  ) {
    this.parser = new CsvRowParser(dialect, maxBytes);
  }

  /** Returns the rows that end in what has been pushed so far. */
  push(piece: Uint8Array): CsvRow[] {
    this.arrived.push(piece);
    this.arrivedBytes += piece.length;
    return this.parser.buffer.length + this.arrivedBytes < this.wanted ? [] : this.rows();
  }

  /** Returns the last rows. Throws UnclosedQuoteError. */
  end(): CsvRow[] {
    this.parser.atEnd = true;
    const rows = this.rows();
    if (!this.skipping) return rows;
    const { start, line, inQuotes } = this.skipping;
    if (inQuotes) throw new UnclosedQuoteError(start, line);
    rows.push({ start, line, lines: this.line + 1 - line, kind: 'too-large' });
    return rows;
  }

  private rows(): CsvRow[] {
    const { parser } = this;
    const rows: CsvRow[] = [];
    this.gather();
    let from = this.base === 0 ? parser.buffer.length - withoutByteOrderMark(parser.buffer).length : 0;
    this.wanted = 0;
    while (from < parser.buffer.length) {
      if (this.endedAtReturn && parser.buffer[from] === NEWLINE) from += 1;
      this.endedAtReturn = false;
      const next = this.skipping ? this.skipRow(from, rows) : this.takeRow(from, rows);
      if (next === undefined) break;
      from = next;
    }
    if (this.skipping) from = parser.buffer.length;
    this.base += from;
    parser.buffer = parser.buffer.subarray(from);
    return rows;
  }

  private gather(): void {
    const { parser } = this;
    const pieces = parser.buffer.length === 0 ? this.arrived : [parser.buffer, ...this.arrived];
    parser.buffer = pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
    this.arrived = [];
    this.arrivedBytes = 0;
  }

  /**
   * Adds the row at `from` and returns the place after it, or undefined if the row's end has not
   * arrived.
   */
  private takeRow(from: number, rows: CsvRow[]): number | undefined {
    const { parser, line } = this;
    const start = this.base + from;
    const held = parser.buffer.length - from;
    const parsed = parser.parse(from);
    const end = parsed === 'incomplete' ? undefined : this.endOf(parsed, from);
    const isIncomplete = parsed === 'incomplete' || end === undefined;
    if (isIncomplete && held <= this.maxBytes) {
      this.wanted = Math.min(2 * held, this.maxBytes + 1);
      return undefined;
    }
    // A row over the limit is not checked against the rules, because only a part of it may have
    // arrived.
    if (isIncomplete || (parsed.kind === 'bad' && Math.max(parsed.at, end) - from > this.maxBytes)) {
      this.skipping = { start, line, inQuotes: false, mayOpen: this.dialect.quoting === 'strict' };
      return from;
    }
    if (parsed.kind === 'bad') {
      rows.push({ start, line, lines: 1, kind: 'bad', reason: parsed.reason });
      this.line += 1;
    } else {
      const { fields, lines } = parsed;
      if (end - from > this.maxBytes) rows.push({ start, line, lines, kind: 'too-large' });
      else if (!isBlankRow(parsed, from)) rows.push({ start, line, lines, kind: 'fields', fields });
      this.line += lines;
    }
    return this.afterLine(end);
  }

  /**
   * Returns where the row ends, or undefined if that has not arrived. A row that breaks the rules
   * ends with its first line.
   */
  private endOf(row: ParsedRow, from: number): number | undefined {
    if (row.kind === 'fields') return row.end;
    const { parser } = this;
    const end = parser.lineEnd(from);
    return end === parser.buffer.length && !parser.atEnd ? undefined : end;
  }

  private afterLine(end: number): number {
    this.endedAtReturn = this.parser.buffer[end] === CARRIAGE_RETURN;
    return Math.min(end + 1, this.parser.buffer.length);
  }

  /**
   * Skips a row over the limit. Returns the place after it, or undefined if its end has not
   * arrived.
   */
  private skipRow(from: number, rows: CsvRow[]): number | undefined {
    const { parser } = this;
    const { buffer } = parser;
    const state = this.skipping!;
    let at = from;
    for (; at < buffer.length; at += 1) {
      const byte = buffer[at];
      const isLineEnd = parser.isLineEnd(at);
      if (isLineEnd) this.line += 1;
      if (state.inQuotes) {
        state.inQuotes = byte !== this.dialect.quote;
        // A second quote right after the first is an escaped quote, so the field is open again.
        state.mayOpen = true;
      } else if (byte === this.dialect.quote && state.mayOpen) {
        state.inQuotes = true;
      } else if (isLineEnd) {
        break;
      } else {
        state.mayOpen = this.dialect.quoting === 'strict' && byte === this.dialect.delimiter;
      }
    }
    if (at === buffer.length) return undefined;
    rows.push({ start: state.start, line: state.line, lines: this.line - state.line, kind: 'too-large' });
    this.skipping = undefined;
    return this.afterLine(at);
  }
}
