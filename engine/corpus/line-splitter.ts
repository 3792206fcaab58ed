/** One line without its terminator (`\n` or `\r\n`). */
export interface Line {
  /** The position at which the line begins, in bytes of the text that was split. */
  start: number;
  /** Undefined if the line is longer than the limit; such a line was skipped without being kept. */
  bytes: Uint8Array | undefined;
}

const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** Says whether a line holds nothing but white space. */
export function isBlank(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0x20 || byte === 0x09 || byte === 0x0d);
}

/** Cuts a stream of bytes into lines. It holds at most one line of `maxBytes`. */
export class LineSplitter {
  private pieces: Uint8Array[] = [];
  private held = 0;
  private tooLong = false;
  /** The position at which the current line begins. */
  lineStart: number;
  private position: number;

  /** `start` is the place of the first byte that will be pushed. */
  constructor(
    private readonly maxBytes: number,
    start: number,
  ) {
    this.lineStart = start;
    this.position = start;
  }

  /** Returns the lines that end in this piece. */
  push(piece: Uint8Array): Line[] {
    const lines: Line[] = [];
    let from = 0;
    for (let at = piece.indexOf(NEWLINE); at !== -1; at = piece.indexOf(NEWLINE, from)) {
      this.hold(piece.subarray(from, at));
      lines.push(this.take());
      from = at + 1;
      this.lineStart = this.position + from;
    }
    this.hold(piece.subarray(from));
    this.position += piece.length;
    return lines;
  }

  /** Returns the last line if it has no terminator. */
  end(): Line | undefined {
    return this.held > 0 || this.tooLong ? this.take() : undefined;
  }

  /** Whether the current line is known to be over the limit. */
  get isTooLong(): boolean {
    return this.tooLong;
  }

  private hold(bytes: Uint8Array): void {
    if (bytes.length === 0 || this.tooLong) return;
    // One byte more than the limit may be the carriage return of the terminator.
    if (this.held + bytes.length > this.maxBytes + 1) {
      this.tooLong = true;
      this.pieces = [];
      this.held = 0;
      return;
    }
    this.pieces.push(bytes);
    this.held += bytes.length;
  }

  private take(): Line {
    const start = this.lineStart;
    let bytes = this.pieces.length === 1 ? this.pieces[0]! : Buffer.concat(this.pieces);
    if (bytes[bytes.length - 1] === CARRIAGE_RETURN) bytes = bytes.subarray(0, -1);
    const kept = this.tooLong || bytes.length > this.maxBytes ? undefined : bytes;
    this.pieces = [];
    this.held = 0;
    this.tooLong = false;
    return { start, bytes: kept };
  }
}
