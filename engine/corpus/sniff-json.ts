import { decodeUtf8, withoutByteOrderMark } from './decode-text.js';

/** A first line longer than this is not looked at: single-line SQuAD files are common, records this long are not. */
const MAX_SNIFF_BYTES = 64 * 1024;

/**
 * Whether a `.json` object is JSON lines under another name: its first line is a whole JSON object with no `data` array.
 * Gives the stream back with the bytes that were looked at in front.
 */
export async function sniffJson(
  bytes: AsyncIterable<Uint8Array>,
): Promise<{ format: 'squad' | 'jsonl'; bytes: AsyncIterable<Uint8Array> }> {
  const iterator = bytes[Symbol.asyncIterator]();
  const head: Uint8Array[] = [];
  let length = 0;
  let ended = false;
  while (length < MAX_SNIFF_BYTES && !ended) {
    const next = await iterator.next();
    if (next.done) {
      ended = true;
    } else {
      head.push(next.value);
      length += next.value.length;
      if (next.value.includes(0x0a)) break;
    }
  }
  const format = isJsonLine(Buffer.concat(head), ended) ? 'jsonl' : 'squad';
  return { format, bytes: resumed(head, iterator) };
}

async function* resumed(head: Uint8Array[], iterator: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* head;
    for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value;
  } finally {
    await iterator.return?.();
  }
}

function isJsonLine(head: Uint8Array, isWhole: boolean): boolean {
  const newline = head.indexOf(0x0a);
  if (newline === -1 && !isWhole) return false;
  const line = decodeUtf8(withoutByteOrderMark(newline === -1 ? head : head.subarray(0, newline)));
  if (line === undefined) return false;
  try {
    const value: unknown = JSON.parse(line);
    return (
      value !== null &&
      typeof value === 'object' &&
      !Array.isArray(value) &&
      !('data' in value && Array.isArray(value.data))
    );
  } catch {
    return false;
  }
}
