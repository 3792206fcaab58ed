import { refKey } from '../../core/layout.js';
import { countedRef, type FirstRefRecord, type RefRecord } from '../../core/ref.js';
import type { ObjectStore } from '../store/object-store.js';
import { parseRecordOf, recordDamaged } from './read-json-record.js';
import { readTagged, type Tagged } from './read-tagged.js';

/**
 * Reads a ref of either format; undefined where there is none. Errors: FILE_DAMAGED; INPUT_CHANGED
 * where others move it without end.
 */
export async function readRef(
  store: ObjectStore,
  dataset: string,
  ref: string,
): Promise<RefRecord | undefined> {
  return (await readTaggedRef(store, dataset, ref))?.record;
}

/** Reads a ref with its entity tag, on which a compare-and-swap depends. Errors: as `readRef`. */
export async function readTaggedRef(
  store: ObjectStore,
  dataset: string,
  ref: string,
): Promise<Tagged<RefRecord> | undefined> {
  return readTagged(store, refKey(dataset, ref), parseRef);
}

/** Returns the generation of a ref, which is 0 where there is none. Errors: as `readRef`. */
export async function refGeneration(store: ObjectStore, dataset: string, ref: string): Promise<number> {
  return (await readRef(store, dataset, ref))?.generation ?? 0;
}

/** Parses the bytes of a ref of either format. Errors: FILE_DAMAGED. */
export function parseRef(bytes: Uint8Array, file: string): RefRecord {
  const record = parseRecordOf<RefRecord | FirstRefRecord>(bytes, [1, 2], file);
  if (typeof record.version !== 'string') throw recordDamaged(file, 'names no version');
  if (record.formatVersion === 1) return countedRef(record);
  if (!Number.isSafeInteger(record.generation) || !Array.isArray(record.history))
    throw recordDamaged(file, 'does not say how often the ref was moved');
  return record;
}
