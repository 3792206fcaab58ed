import { VectormillError } from '../../core/errors.js';
import type { ObjectInfo, ObjectStore } from '../store/object-store.js';

/** The objects below a prefix with their sizes, which are asked for in the order of their keys. */
export class ListedSizes {
  readonly #objects: AsyncIterator<ObjectInfo>;
  #next: ObjectInfo | undefined;

  constructor(store: ObjectStore, prefix: string) {
    this.#objects = store.list(prefix)[Symbol.asyncIterator]();
  }

  /** Returns the size of an object in bytes; undefined if there is none. */
  async sizeOf(key: string): Promise<number | undefined> {
    return (await this.find(key))?.size;
  }

  /** Returns what the listing says of an object; undefined if there is none. */
  async find(key: string): Promise<ObjectInfo | undefined> {
    while (this.#next === undefined || this.#next.key < key) {
      const { value, done } = await this.#objects.next();
      if (done) return undefined;
      this.#next = value;
    }
    return this.#next?.key === key ? this.#next : undefined;
  }
}

/**
 * Checks that an object that a version lists is there, with its size. `version` names that version
 * in the error. Errors: OBJECT_NOT_FOUND, CHECKSUM_MISMATCH.
 */
export function assertListedSize(
  file: string,
  { listed, found }: { listed: number; found: number | undefined },
  { version, component, remedy }: { version: string; component: string; remedy: string },
): void {
  if (found === listed) return;
  const isGone = found === undefined;
  throw new VectormillError(
    isGone ? 'OBJECT_NOT_FOUND' : 'CHECKSUM_MISMATCH',
    isGone
      ? `${file} is gone, and ${version} lists it`
      : `${file} has ${found} bytes; ${version} lists ${listed}`,
    { component, file, remedy },
  );
}
