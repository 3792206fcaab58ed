import { constants, isUtf8 } from 'node:buffer';

/**
 * Decodes UTF-8 to a string. The result is undefined if the bytes are not UTF-8 or are more than a
 * string can hold. A byte order mark is kept.
 */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  if (bytes.length > constants.MAX_STRING_LENGTH || !isUtf8(bytes)) return undefined;
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
}

/** The byte order mark U+FEFF in UTF-8. */
export const BYTE_ORDER_MARK = Uint8Array.of(0xef, 0xbb, 0xbf);

/** Returns the bytes without a UTF-8 byte order mark. */
export function withoutByteOrderMark(bytes: Uint8Array): Uint8Array {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes;
}

/** Says whether the bytes begin with the byte order mark of UTF-16. */
export function hasUtf16ByteOrderMark(bytes: Uint8Array): boolean {
  const [first, second] = bytes;
  return (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
}
