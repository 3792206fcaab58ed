import { sha256 } from '../files/hash.js';

const FIELD = 'checksum';
/** The end of the indented JSON of a record with fields. */
const END = '\n}';
const BEFORE_HASH = `,\n  "${FIELD}": "`;
const AFTER_HASH = `"${END}\n`;
const HASH_LENGTH = 64;
const SEAL_LENGTH = BEFORE_HASH.length + HASH_LENGTH + AFTER_HASH.length;

/**
 * Adds a last field to the indented JSON of a record: the sha256 of all bytes before it. Otherwise
 * a text in which a bit was changed would be as good as the one that was written.
 */
export function sealed(json: string): string {
  const body = json.slice(0, -END.length);
  return `${body}${BEFORE_HASH}${sha256(body)}${AFTER_HASH}`;
}

/**
 * Returns a record that was parsed from these bytes, without its checksum, or undefined where the
 * bytes are not those that were written. Records of earlier releases have no checksum, and are
 * taken as they are.
 */
export function unsealed<T extends object>(record: T, bytes: Uint8Array): T | undefined {
  const { [FIELD]: named, ...rest } = record as T & { [FIELD]?: unknown };
  const bodyLength = Math.max(0, bytes.length - SEAL_LENGTH);
  const hash = sha256(bytes.subarray(0, bodyLength));
  const seal = new TextDecoder('latin1').decode(bytes.subarray(bodyLength));
  if (seal === BEFORE_HASH + hash + AFTER_HASH) return rest as T;
  // Where the name of the field is not what was written, the checksum is still at its place.
  const isSealed = named !== undefined || seal.startsWith(hash, BEFORE_HASH.length);
  return isSealed ? undefined : record;
}
