import type { ObjectStore } from '../store/object-store.js';
import { sealed } from './sealed-record.js';

/** The result of a create-once write. */
export interface CreateOnceResult {
  /** Whether the bytes that are stored at the key are those of this call. */
  created: boolean;
  /** The bytes that are stored at the key now. */
  bytes: Uint8Array;
}

/**
 * Writes an object unless one exists, and in either case returns what is stored there. It never
 * overwrites.
 */
export async function createOnce(
  store: ObjectStore,
  key: string,
  bytes: Uint8Array,
): Promise<CreateOnceResult> {
  const put = await store.put(key, bytes, { condition: { ifAbsent: true } });
  if (put.outcome === 'written') return { created: true, bytes };
  return { created: false, bytes: await store.get(key) };
}

/**
 * Encodes a record as JSON with indentation and a final newline, because people read it with a
 * pager. Its last field is a checksum of all that comes before.
 */
export function encodeJson(value: object): Uint8Array {
  return new TextEncoder().encode(sealed(JSON.stringify(value, null, 2)));
}
