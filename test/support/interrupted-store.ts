import type { ObjectStore } from '../../engine/store/object-store.js';

/** The operations of a process on its stores in order, and what happens before one of them. */
export class StoreInterruption {
  /** The operations so far: `get test/versions/v1/job.json`. */
  readonly operations: string[] = [];
  readonly #at: number;
  readonly #meanwhile: () => Promise<void>;

  /** `at` is the number of the operation, from 0, before which `meanwhile` runs to its end. */
  constructor(at: number, meanwhile: () => Promise<void>) {
    this.#at = at;
    this.#meanwhile = meanwhile;
  }

  async before(operation: string): Promise<void> {
    this.operations.push(operation);
    if (this.operations.length - 1 === this.#at) await this.#meanwhile();
  }
}

/** Returns a store that behaves as `inner`, while something happens before one operation. */
export function interruptedStore(inner: ObjectStore, interruption: StoreInterruption): ObjectStore {
  const after = async <T>(operation: string, key: string, call: () => Promise<T>): Promise<T> => {
    await interruption.before(`${operation} ${key}`);
    return call();
  };
  return {
    root: inner.root,
    head: (key) => after('head', key, () => inner.head(key)),
    get: (key, options) => after('get', key, () => inner.get(key, options)),
    put: (key, body, options) => after('put', key, () => inner.put(key, body, options)),
    delete: (key) => after('delete', key, () => inner.delete(key)),
    async *stream(key, options) {
      await interruption.before(`get ${key}`);
      yield* inner.stream(key, options);
    },
    async *list(prefix) {
      await interruption.before(`list ${prefix}`);
      yield* inner.list(prefix);
    },
    close: () => inner.close(),
  };
}
