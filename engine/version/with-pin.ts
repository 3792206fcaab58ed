import type { ObjectStore } from '../store/object-store.js';
import { type OwnedPin, pinVersions, unpin } from './pins.js';

/**
 * Does work in this process while a pin holds the versions that it needs, and removes the pin when
 * the work has ended, however it has. Errors: VERSION_RETIRED; those of the work.
 */
export async function withPin<T>(store: ObjectStore, pin: OwnedPin, work: () => Promise<T>): Promise<T> {
  await pinVersions(store, pin);
  try {
    return await work();
  } finally {
    await unpin(store, pin);
  }
}
