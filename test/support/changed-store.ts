import type { ObjectStore } from '../../engine/store/object-store.js';

/** Returns a store that behaves as `inner` but for some of its operations. */
export function changedStore(inner: ObjectStore, changed: Partial<ObjectStore>): ObjectStore {
  return {
    root: inner.root,
    head: (key) => inner.head(key),
    get: (key, options) => inner.get(key, options),
    put: (key, body, options) => inner.put(key, body, options),
    stream: (key, options) => inner.stream(key, options),
    list: (prefix) => inner.list(prefix),
    delete: (key) => inner.delete(key),
    close: () => inner.close(),
    ...changed,
  };
}
