/**
 * The events that a scanner reports, in document order. Positions are bytes from the first byte
 * that the scanner got.
 */
export interface JsonEvents {
  open(kind: 'object' | 'array', at: number): void;
  close(): void;
  /**
   * Reports a string as it is spelled, with its quotes; undefined if it is longer than the scanner
   * keeps.
   */
  key(spelling: Uint8Array | undefined): void;
  string(spelling: Uint8Array | undefined): void;
  /**
   * Reports a number, `true`, `false` or `null` as it is spelled; undefined if it is longer than
   * the scanner keeps.
   */
  scalar(spelling: string | undefined): void;
}

/** The text stops being JSON at byte `at`. */
export class JsonSyntaxError extends Error {
  constructor(readonly at: number) {
    super(`not JSON at byte ${at}`);
  }
}

type Expectation = 'value' | 'value or end' | 'key' | 'key or end' | 'colon' | 'comma or end' | 'nothing';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const SCALAR = /^(-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?|true|false|null)$/;

/**
 * Reads one JSON value (RFC 8259) from a stream of bytes and reports what it meets. It holds only
 * the current string and one bit for each level of nesting: a string or a number longer than
 * `maxStringBytes` is skipped without being kept. Strings are reported as bytes, so that the caller
 * decodes only those it needs and can tell invalid UTF-8 from a replacement character.
 */
export class JsonScanner {
  private readonly containers = new KindStack();
  private expected: Expectation = 'value';
  private position = 0;
  private token: 'none' | 'string' | 'scalar' = 'none';
  private tokenStart = 0;
  private pieces: Uint8Array[] = [];
  private held = 0;
  private dropped = false;
  /** Whether the last byte of the string so far was a backslash that escapes the next byte. */
  private escaping = false;

  constructor(
    private readonly events: JsonEvents,
    private readonly maxStringBytes: number,
  ) {}

  /** Scans the next bytes. Throws JsonSyntaxError. */
  push(bytes: Uint8Array): void {
    let at = 0;
    while (at < bytes.length) {
      if (this.token === 'string') at = this.scanString(bytes, at);
      else if (this.token === 'scalar') at = this.scanScalar(bytes, at);
      else at = this.scanStructure(bytes, at);
    }
    this.position += bytes.length;
  }

  /** Ends the text. Throws JsonSyntaxError if the value is not complete. */
  end(): void {
    if (this.token === 'scalar') this.finishScalar();
    if (this.token !== 'none' || this.expected !== 'nothing') throw new JsonSyntaxError(this.position);
  }

  private scanStructure(bytes: Uint8Array, at: number): number {
    const byte = bytes[at]!;
    const place = this.position + at;
    switch (byte) {
      case 0x20:
      case 0x09:
      case 0x0a:
      case 0x0d:
        break;
      case 0x7b:
        this.open('object', place);
        break;
      case 0x5b:
        this.open('array', place);
        break;
      case 0x7d:
        this.close('object', place);
        break;
      case 0x5d:
        this.close('array', place);
        break;
      case 0x2c:
        if (this.expected !== 'comma or end') throw new JsonSyntaxError(place);
        this.expected = this.containers.top === 'object' ? 'key' : 'value';
        break;
      case 0x3a:
        if (this.expected !== 'colon') throw new JsonSyntaxError(place);
        this.expected = 'value';
        break;
      case QUOTE:
        if (!this.isValueExpected() && !this.isKeyExpected()) throw new JsonSyntaxError(place);
        this.token = 'string';
        this.keep(bytes.subarray(at, at + 1));
        break;
      default:
        if (!this.isValueExpected()) throw new JsonSyntaxError(place);
        this.token = 'scalar';
        this.tokenStart = place;
        return at;
    }
    return at + 1;
  }

  private scanString(bytes: Uint8Array, from: number): number {
    for (let at = from; at < bytes.length; at += 1) {
      const byte = bytes[at];
      if (this.escaping) this.escaping = false;
      else if (byte === BACKSLASH) this.escaping = true;
      else if (byte === QUOTE) {
        this.keep(bytes.subarray(from, at + 1));
        this.finishString();
        return at + 1;
      }
    }
    this.keep(bytes.subarray(from));
    return bytes.length;
  }

  private finishString(): void {
    const spelling = this.dropped ? undefined : this.taken();
    const isKey = this.isKeyExpected();
    this.reset();
    if (isKey) {
      this.expected = 'colon';
      this.events.key(spelling);
    } else {
      this.afterValue();
      this.events.string(spelling);
    }
  }

  private scanScalar(bytes: Uint8Array, from: number): number {
    let at = from;
    while (at < bytes.length && isScalarByte(bytes[at]!)) at += 1;
    this.keep(bytes.subarray(from, at));
    if (at < bytes.length) this.finishScalar();
    return at;
  }

  private finishScalar(): void {
    const spelling = this.dropped ? undefined : Buffer.from(this.taken()).toString('latin1');
    this.reset();
    if (spelling !== undefined && !SCALAR.test(spelling)) throw new JsonSyntaxError(this.tokenStart);
    this.afterValue();
    this.events.scalar(spelling);
  }

  private open(kind: 'object' | 'array', place: number): void {
    if (!this.isValueExpected()) throw new JsonSyntaxError(place);
    this.containers.push(kind);
    this.expected = kind === 'object' ? 'key or end' : 'value or end';
    this.events.open(kind, place);
  }

  private close(kind: 'object' | 'array', place: number): void {
    const empty = kind === 'object' ? 'key or end' : 'value or end';
    const mayEnd = this.expected === 'comma or end' || this.expected === empty;
    if (this.containers.top !== kind || !mayEnd) throw new JsonSyntaxError(place);
    this.containers.pop();
    this.afterValue();
    this.events.close();
  }

  private afterValue(): void {
    this.expected = this.containers.depth === 0 ? 'nothing' : 'comma or end';
  }

  private isValueExpected(): boolean {
    return this.expected === 'value' || this.expected === 'value or end';
  }

  private isKeyExpected(): boolean {
    return this.expected === 'key' || this.expected === 'key or end';
  }

  private keep(bytes: Uint8Array): void {
    if (bytes.length === 0 || this.dropped) return;
    // The two quotes do not count as part of the string.
    if (this.held + bytes.length > this.maxStringBytes + 2) {
      this.dropped = true;
      this.pieces = [];
      return;
    }
    this.pieces.push(bytes);
    this.held += bytes.length;
  }

  private taken(): Uint8Array {
    return this.pieces.length === 1 ? this.pieces[0]! : Buffer.concat(this.pieces);
  }

  private reset(): void {
    this.token = 'none';
    this.pieces = [];
    this.held = 0;
    this.dropped = false;
  }
}

/**
 * The kinds of the open containers, in one bit each, because a record may hold millions of them.
 */
class KindStack {
  depth = 0;
  private bits = new Uint8Array(16);

  get top(): 'object' | 'array' | undefined {
    if (this.depth === 0) return undefined;
    const at = this.depth - 1;
    return (this.bits[at >> 3]! >> (at & 7)) & 1 ? 'object' : 'array';
  }

  push(kind: 'object' | 'array'): void {
    const at = this.depth;
    if (at >> 3 === this.bits.length) {
      const longer = new Uint8Array(2 * this.bits.length);
      longer.set(this.bits);
      this.bits = longer;
    }
    const bit = 1 << (at & 7);
    this.bits[at >> 3] = kind === 'object' ? this.bits[at >> 3]! | bit : this.bits[at >> 3]! & ~bit;
    this.depth += 1;
  }

  pop(): void {
    this.depth -= 1;
  }
}

/**
 * Says whether a byte is a letter, a digit, `+`, `-` or `.`, of which numbers and literals consist.
 */
function isScalarByte(byte: number): boolean {
  return (
    (byte >= 0x30 && byte <= 0x39) ||
    (byte >= 0x61 && byte <= 0x7a) ||
    (byte >= 0x41 && byte <= 0x5a) ||
    byte === 0x2b ||
    byte === 0x2d ||
    byte === 0x2e
  );
}
