import { pinKey } from '../../core/layout.js';
import type { ObjectStore } from '../store/object-store.js';
import { type MovedRef, moveRef, type NamedRefMove } from './move-ref.js';
import { type OwnedPin, pinVersions } from './pins.js';

/**
 * Moves a ref while a pin holds the version that it shall name, and then removes the pin. No ref
 * thus ever names a version that is being deleted. The pin is written even where its job has one,
 * because an attempt that was given up may come here long after its job has ended. Without a move
 * it only ends the job. Errors: VERSION_RETIRED where the version is being deleted; those of
 * `moveRef`.
 */
export async function movePinned(store: ObjectStore, pin: OwnedPin, move: NamedRefMove): Promise<MovedRef>;
export async function movePinned(
  store: ObjectStore,
  pin: OwnedPin,
  move: NamedRefMove | undefined,
): Promise<MovedRef | undefined>;
export async function movePinned(
  store: ObjectStore,
  pin: OwnedPin,
  move: NamedRefMove | undefined,
): Promise<MovedRef | undefined> {
  await pinVersions(store, pin);
  const moved = move && (await moveRef(store, move));
  // It is this owner's, who wrote it a moment ago.
  await store.delete(pinKey(pin.dataset, pin.job));
  return moved;
}
