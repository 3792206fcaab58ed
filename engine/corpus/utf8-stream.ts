import { inputUnsupported } from './corpus-errors.js';
import { hasUtf16Mark } from './decode-text.js';

/** Bytes of the byte order mark in UTF-8. */
const MARK_BYTES = 3;

/**
 * The same bytes, of which the first piece holds a byte order mark whole, however they arrived.
 * Errors: INPUT_UNSUPPORTED where it is the mark of UTF-16.
 */
export async function* utf8Stream(bytes: AsyncIterable<Uint8Array>, uri: string): AsyncGenerator<Uint8Array> {
  let head: Uint8Array | undefined = new Uint8Array(0);
  for await (const piece of bytes) {
    if (head === undefined) {
      yield piece;
      continue;
    }
    head = head.length === 0 ? piece : Buffer.concat([head, piece]);
    if (head.length < MARK_BYTES) continue;
    refuseUtf16(head, uri);
    yield head;
    head = undefined;
  }
  if (head === undefined || head.length === 0) return;
  refuseUtf16(head, uri);
  yield head;
}

function refuseUtf16(head: Uint8Array, uri: string): void {
  if (!hasUtf16Mark(head)) return;
  throw inputUnsupported(uri, 'its byte order mark says that it is UTF-16', 'convert the object to UTF-8');
}
