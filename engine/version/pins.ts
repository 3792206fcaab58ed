import { isVectormillError } from '../../core/errors.js';
import { pinKey, pinsPrefix } from '../../core/layout.js';
import type { PlacedPin } from '../../core/retention/job-pins.js';
import { isSameOwner, type Pin } from '../../core/retention/pin.js';
import type { ObjectStore } from '../store/object-store.js';
import { encodeJson } from './create-once.js';
import { parseRecord, recordDamaged } from './read-json-record.js';
import { readTagged } from './read-tagged.js';
import { keepsVersion, versionRetired } from './tombstones.js';

/** A pin that somebody writes. */
export type OwnedPin = PlacedPin & Pick<Pin, 'owner'>;

/**
 * Pins the versions that a job needs, so that none of them is deleted while it works. A job that
 * goes on has its pin already, and takes it over. Errors: VERSION_RETIRED where one of them is
 * being deleted, and the pin is then removed; FILE_DAMAGED.
 */
export async function pinVersions(store: ObjectStore, pin: OwnedPin): Promise<void> {
  const { dataset, mayBeGone = [], ...named } = pin;
  const record: Pin = { formatVersion: 1, ...named };
  await store.put(pinKey(dataset, pin.job), encodeJson(record));
  try {
    for (const version of pin.versions)
      if (!(await keepsVersion(store, dataset, version)) && !mayBeGone.includes(version))
        throw versionRetired(store, dataset, version);
  } catch (error) {
    if (isVectormillError(error) && error.code === 'VERSION_RETIRED') await unpin(store, pin);
    throw error;
  }
}

/** Removes the pin of a job that needs nothing any more, unless another owner has taken it over. */
export async function unpin(
  store: ObjectStore,
  { dataset, job, owner }: Pick<OwnedPin, 'dataset' | 'job' | 'owner'>,
): Promise<void> {
  const key = pinKey(dataset, job);
  const found = await readTagged(store, key, parsePin);
  if (found && isSameOwner(found.record.owner, owner)) await store.delete(key);
}

/** Lists the pins of a dataset, in the order of their jobs. Errors: FILE_DAMAGED. */
export async function listPins(store: ObjectStore, dataset: string): Promise<Pin[]> {
  const pins: Pin[] = [];
  for await (const { key } of store.list(pinsPrefix(dataset))) {
    const found = await readTagged(store, key, parsePin);
    if (found) pins.push(found.record);
  }
  return pins;
}

function parsePin(bytes: Uint8Array, file: string): Pin {
  const pin = parseRecord<Pin>(bytes, 1, file);
  const isSound = typeof pin.job === 'string' && Array.isArray(pin.versions) && typeof pin.owner === 'object';
  if (isSound) return pin;
  throw recordDamaged(file, 'does not say which versions a job needs', {
    remedy: 'Run the job again, which writes it anew, or remove the file if no such job runs.',
  });
}
