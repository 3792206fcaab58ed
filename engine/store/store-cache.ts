import type { ObjectStore } from './object-store.js';
import { openStore } from './open-store.js';

/** Returns the store at a root, such as `s3://bucket/prefix`. */
export type StoreOpener = (root: string) => ObjectStore;

/** Opens one store for each root for the life of a process, so that connections are shared. */
export function storeCache(): { open: StoreOpener; close(): Promise<void> } {
  const stores = new Map<string, ObjectStore>();
  return {
    open: (root) => {
      const known = stores.get(root);
      if (known) return known;
      const store = openStore(root);
      stores.set(root, store);
      return store;
    },
    close: async () => {
      await Promise.all([...stores.values()].map((store) => store.close()));
      stores.clear();
    },
  };
}
