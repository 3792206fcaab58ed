import type { ObjectStore } from '../store/object-store.js';

export interface CreateOnceResult {
  /** Whether this call's bytes are the ones that stand. */
  created: boolean;
  /** What stands at the key now. */
  bytes: Uint8Array;
}

/** Writes an object unless one is there, and says what stands there in either case. Never overwrites. */
export async function createOnce(
  store: ObjectStore,
  key: string,
  bytes: Uint8Array,
): Promise<CreateOnceResult> {
  const put = await store.put(key, bytes, { condition: { ifAbsent: true } });
  if (put.outcome === 'written') return { created: true, bytes };
  return { created: false, bytes: await store.get(key) };
}

/** Pretty JSON with a final newline, as people read these records with a pager. */
export function encodeJson(value: unknown): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(value, null, 2)}\n`);
}
