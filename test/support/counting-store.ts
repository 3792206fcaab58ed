import type { ObjectStore } from '../../engine/store/object-store.js';

/** S3 lists this many objects in one request. */
const LISTED_AT_ONCE = 1000;

/** Counts the requests that stores of S3 would send, by the step that sends them. */
export class RequestCount {
  readonly #bySteps = new Map<string, number>();
  /** The step that is being taken. */
  step = '';

  add(): void {
    this.#bySteps.set(this.step, this.of(this.step) + 1);
  }

  /** Forgets all requests. */
  clear(): void {
    this.#bySteps.clear();
  }

  of(step: string): number {
    return this.#bySteps.get(step) ?? 0;
  }
}

/** Returns a store that behaves as `inner` and counts its requests. */
export function countingStore(inner: ObjectStore, count: RequestCount): ObjectStore {
  const counted = <Result>(result: Result): Result => {
    count.add();
    return result;
  };
  return {
    root: inner.root,
    head: (key) => counted(inner.head(key)),
    get: (key, options) => counted(inner.get(key, options)),
    put: (key, body, options) => counted(inner.put(key, body, options)),
    delete: (key) => counted(inner.delete(key)),
    stream: (key, options) => counted(inner.stream(key, options)),
    async *list(prefix) {
      let listed = 0;
      for await (const info of inner.list(prefix)) {
        if (listed++ % LISTED_AT_ONCE === 0) count.add();
        yield info;
      }
      if (listed === 0) count.add();
    },
    close: () => inner.close(),
  };
}
