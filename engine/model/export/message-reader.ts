import type { FileHandle } from 'node:fs/promises';
import type { ByteRange } from '../../store/object-store.js';

/**
 * This many bytes are read at once, because the small fields of a message lie beside one another.
 */
const WINDOW_BYTES = 64 * 1024;
/** A varint has at most 10 bytes. */
const MAX_VARINT_BYTES = 10;
/** The sizes of the fields with a fixed size, by wire type. */
const FIXED_BYTES: Readonly<Record<number, number>> = { 1: 8, 5: 4 };

/** One field of a message. */
export interface Field {
  number: number;
  /** The value of a varint, which is inexact above 2⁵³; 0 for any other kind. */
  value: number;
  /** The payload of a length-delimited field; empty for any other kind. */
  payload: ByteRange;
}

/**
 * The bytes are not a protocol buffer message, or end within one. `position` is the byte at which
 * the error shows.
 */
export class MessageDamaged extends Error {
  constructor(readonly position: number) {
    super(`no message at byte ${position}`);
  }
}

/**
 * Reads the fields of a protocol buffer message in a file, in order, and skips payloads that are
 * not needed (https://protobuf.dev/programming-guides/encoding). Errors: MessageDamaged.
 */
export class MessageReader {
  private window: Uint8Array = new Uint8Array(0);
  private windowStart = 0;

  constructor(
    private readonly handle: FileHandle,
    readonly size: number,
  ) {}

  /** Yields the fields of the message that fills `span`. */
  async *fields({ start, end }: ByteRange): AsyncGenerator<Field> {
    for (let position = start; position < end; ) {
      const head = { start: position, end: Math.min(position + 2 * MAX_VARINT_BYTES, this.size) };
      if (!this.holds(head)) await this.load(position);
      const { field, next } = this.field(position, end);
      yield field;
      position = next;
    }
  }

  /** Returns the bytes of `span`, which must lie within the file. Errors: MessageDamaged. */
  async bytes(span: ByteRange): Promise<Uint8Array> {
    if (this.holds(span))
      return this.window.subarray(span.start - this.windowStart, span.end - this.windowStart);
    return this.read(span);
  }

  /** Returns the text of `span`, decoded as UTF-8. Errors: MessageDamaged. */
  async text(span: ByteRange): Promise<string> {
    const { buffer, byteOffset, length } = await this.bytes(span);
    return Buffer.from(buffer, byteOffset, length).toString('utf8');
  }

  /**
   * Returns the whole numbers of a repeated field, which are either single or packed into one
   * payload.
   */
  async numbers({ value, payload }: Field): Promise<number[]> {
    if (payload.end === payload.start) return [value];
    if (!this.holds(payload)) await this.load(payload.start);
    const numbers: number[] = [];
    for (let position = payload.start; position < payload.end; ) {
      const read = this.varint(position, payload.end);
      numbers.push(read.value);
      position = read.next;
    }
    return numbers;
  }

  private field(position: number, end: number): { field: Field; next: number } {
    const key = this.varint(position, end);
    const [number, wireType] = [Math.floor(key.value / 8), key.value % 8];
    if (number === 0) throw new MessageDamaged(position);
    const none = { start: key.next, end: key.next };
    if (wireType === 0) {
      const { value, next } = this.varint(key.next, end);
      return { field: { number, value, payload: none }, next };
    }
    const length = wireType === 2 ? this.varint(key.next, end) : undefined;
    const bytes = length?.value ?? FIXED_BYTES[wireType];
    const start = length?.next ?? key.next;
    if (bytes === undefined || start + bytes > end) throw new MessageDamaged(position);
    const payload = length ? { start, end: start + bytes } : none;
    return { field: { number, value: 0, payload }, next: start + bytes };
  }

  /** Reads a varint from bytes that the window holds. */
  private varint(position: number, end: number): { value: number; next: number } {
    let value = 0;
    for (let index = 0; index < MAX_VARINT_BYTES && position + index < end; index++) {
      const byte = this.window[position + index - this.windowStart];
      if (byte === undefined) break;
      value += (byte & 0x7f) * 2 ** (7 * index);
      if (byte < 0x80) return { value, next: position + index + 1 };
    }
    throw new MessageDamaged(position);
  }

  private holds({ start, end }: ByteRange): boolean {
    return start >= this.windowStart && end <= this.windowStart + this.window.length;
  }

  private async load(start: number): Promise<void> {
    this.window = await this.read({ start, end: Math.min(start + WINDOW_BYTES, this.size) });
    this.windowStart = start;
  }

  private async read({ start, end }: ByteRange): Promise<Uint8Array> {
    const bytes = new Uint8Array(end - start);
    for (let done = 0; done < bytes.length; ) {
      const { bytesRead } = await this.handle.read(bytes, done, bytes.length - done, start + done);
      if (bytesRead === 0) throw new MessageDamaged(start + done);
      done += bytesRead;
    }
    return bytes;
  }
}
