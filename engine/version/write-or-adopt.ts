import type { ObjectStore } from '../store/object-store.js';
import { createOnce } from './create-once.js';

/** The outcome of storing a part's bytes. */
export interface PartOutcome<T> {
  /**
   * Checks the bytes that are stored under the part's name, whoever wrote them, and describes them.
   */
  describe(existing: Uint8Array): T;
  /**
   * Is called as soon as the part is durable, before it is described; `isOwn` says whether this
   * call wrote it.
   */
  onDurable?(isOwn: boolean): Promise<void>;
}

/**
 * Makes a part durable; all parts are made durable here. Its bytes are written if nothing is there.
 * Otherwise what is there is adopted, never overwritten. Resolves to the description of what is
 * stored. Errors: those of `describe`.
 */
export async function writeOrAdopt<T>(
  store: ObjectStore,
  key: string,
  bytes: Uint8Array,
  { describe, onDurable }: PartOutcome<T>,
): Promise<T> {
  const put = await createOnce(store, key, bytes);
  await onDurable?.(put.created);
  return describe(put.bytes);
}
