/** A row of a delimited table. `start` is its first byte, counted from the first byte pushed. */
export type CsvRow = { start: number } & (
  | { kind: 'fields'; fields: Uint8Array[] }
  | { kind: 'bad'; reason: string }
  | { kind: 'too-large' }
);

/** A quoted field that runs to the end of the object, over more bytes than may be read again line by line. */
export class UnclosedQuoteError extends Error {
  constructor(readonly at: number) {
    super(`a quoted field of the row at byte ${at} is never closed`);
  }
}

const QUOTE = 0x22;
const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const NOTHING = new Uint8Array(0);

type Parsed = { next: number; row: CsvRow | undefined } | 'incomplete';

/**
 * Cuts a stream of bytes into the rows of a CSV or TSV table (RFC 4180, with `\n` or `\r\n`), holding no more than one
 * row of `maxBytes`. A quote opens a quoted field only at the field's beginning; elsewhere it is itself. A row that
 * breaks the rules costs its first line and no more: reading goes on with the line after it. Blank lines are no rows.
 */
export class CsvRowSplitter {
  private buffer: Uint8Array = NOTHING;
  /** Place of the buffer's first byte. */
  private base = 0;
  private arrived: Uint8Array[] = [];
  private arrivedBytes = 0;
  /** An incomplete row is looked at again when its bytes have doubled, so that a long one is not read over and over. */
  private wanted = 0;
  /** Set while a row over the limit is passed over. */
  private skipping: { start: number; inQuotes: boolean; mayOpen: boolean } | undefined;

  constructor(
    private readonly delimiter: number,
    private readonly maxBytes: number,
  ) {}

  /** The rows that end in what has been pushed so far. */
  push(piece: Uint8Array): CsvRow[] {
    this.arrived.push(piece);
    this.arrivedBytes += piece.length;
    return this.buffer.length + this.arrivedBytes < this.wanted ? [] : this.rows(false);
  }

  /** The last rows. Throws UnclosedQuoteError. */
  end(): CsvRow[] {
    const rows = this.rows(true);
    if (this.skipping?.inQuotes) throw new UnclosedQuoteError(this.skipping.start);
    if (this.skipping) rows.push({ start: this.skipping.start, kind: 'too-large' });
    return rows;
  }

  private rows(atEnd: boolean): CsvRow[] {
    const rows: CsvRow[] = [];
    this.gather();
    let from = 0;
    this.wanted = 0;
    while (from < this.buffer.length) {
      if (this.skipping) {
        const end = this.skipTo(from, atEnd);
        if (end === undefined) {
          from = this.buffer.length;
          break;
        }
        rows.push({ start: this.skipping.start, kind: 'too-large' });
        this.skipping = undefined;
        from = end;
        continue;
      }
      const parsed = this.parseRow(from, atEnd);
      if (parsed === 'incomplete') {
        if (this.buffer.length - from <= this.maxBytes) {
          this.wanted = Math.min(2 * (this.buffer.length - from), this.maxBytes + 1);
          break;
        }
        this.skipping = { start: this.base + from, inQuotes: false, mayOpen: true };
        continue;
      }
      if (parsed.row) rows.push(parsed.row);
      from = parsed.next;
    }
    this.base += from;
    this.buffer = this.buffer.subarray(from);
    return rows;
  }

  private gather(): void {
    const pieces = this.buffer.length === 0 ? this.arrived : [this.buffer, ...this.arrived];
    this.buffer = pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
    this.arrived = [];
    this.arrivedBytes = 0;
  }

  private parseRow(from: number, atEnd: boolean): Parsed {
    const { buffer } = this;
    const fields: Uint8Array[] = [];
    let at = from;
    for (;;) {
      if (buffer[at] === QUOTE) {
        const field = this.parseQuoted(at, atEnd);
        if (field === 'incomplete') return 'incomplete';
        if ('reason' in field) return this.badRow(from, field.reason, atEnd);
        fields.push(field.value);
        at = field.next;
      } else {
        const end = this.fieldEnd(at);
        if (end === buffer.length && !atEnd) return 'incomplete';
        const isLast = buffer[end] !== this.delimiter;
        fields.push(
          buffer.subarray(at, isLast && buffer[end - 1] === CARRIAGE_RETURN && end > at ? end - 1 : end),
        );
        at = end;
      }
      if (at < buffer.length && buffer[at] === this.delimiter) {
        at += 1;
        continue;
      }
      const next = Math.min(at + 1, buffer.length);
      const isBlank = fields.length === 1 && fields[0]!.length === 0 && buffer[from] !== QUOTE;
      if (isBlank) return { next, row: undefined };
      const start = this.base + from;
      const isTooLarge = at - from > this.maxBytes;
      return { next, row: isTooLarge ? { start, kind: 'too-large' } : { start, kind: 'fields', fields } };
    }
  }

  /** Where an unquoted field ends: at a delimiter, a newline or the buffer's end. */
  private fieldEnd(from: number): number {
    const { buffer, delimiter } = this;
    let at = from;
    while (at < buffer.length && buffer[at] !== delimiter && buffer[at] !== NEWLINE) at += 1;
    return at;
  }

  private parseQuoted(
    from: number,
    atEnd: boolean,
  ): 'incomplete' | { reason: string } | { value: Uint8Array; next: number } {
    const { buffer } = this;
    let escaped = false;
    for (let at = buffer.indexOf(QUOTE, from + 1); at !== -1; at = buffer.indexOf(QUOTE, at + 2)) {
      if (buffer[at + 1] === QUOTE) {
        escaped = true;
        continue;
      }
      const next = this.afterQuote(at + 1, atEnd);
      if (next === 'incomplete') return 'incomplete';
      if (next === undefined) return { reason: 'a quoted field goes on after its closing quote' };
      const inner = buffer.subarray(from + 1, at);
      return { value: escaped ? withoutEscapes(inner) : inner, next };
    }
    return atEnd ? { reason: 'a quoted field is never closed' } : 'incomplete';
  }

  /** Where the field whose closing quote lies before `at` ends: at its delimiter or newline; undefined where neither follows. */
  private afterQuote(at: number, atEnd: boolean): number | 'incomplete' | undefined {
    const { buffer } = this;
    const end = buffer[at] === CARRIAGE_RETURN ? at + 1 : at;
    if (end >= buffer.length) return atEnd ? buffer.length : 'incomplete';
    if (buffer[end] === NEWLINE) return end;
    return end === at && buffer[end] === this.delimiter ? end : undefined;
  }

  private badRow(from: number, reason: string, atEnd: boolean): Parsed {
    const newline = this.buffer.indexOf(NEWLINE, from);
    if (newline === -1 && !atEnd) return 'incomplete';
    const next = newline === -1 ? this.buffer.length : newline + 1;
    return { next, row: { start: this.base + from, kind: 'bad', reason } };
  }

  /** Where the row that is passed over ends; undefined where that lies beyond the buffer. */
  private skipTo(from: number, atEnd: boolean): number | undefined {
    const { buffer } = this;
    const state = this.skipping!;
    for (let at = from; at < buffer.length; at += 1) {
      const byte = buffer[at];
      if (state.inQuotes) {
        state.inQuotes = byte !== QUOTE;
        // A second quote at once is an escaped one: the field is open again.
        state.mayOpen = true;
      } else if (byte === QUOTE && state.mayOpen) {
        state.inQuotes = true;
      } else if (byte === NEWLINE) {
        return at + 1;
      } else {
        state.mayOpen = byte === this.delimiter;
      }
    }
    return atEnd && !state.inQuotes ? buffer.length : undefined;
  }
}

function withoutEscapes(bytes: Uint8Array): Uint8Array {
  const result = new Uint8Array(bytes.length);
  let length = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    result[length] = bytes[at]!;
    length += 1;
    if (bytes[at] === QUOTE) at += 1;
  }
  return result.subarray(0, length);
}
