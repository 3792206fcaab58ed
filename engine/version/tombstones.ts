import { VectormillError } from '../../core/errors.js';
import { tombstoneKey, tombstonesPrefix } from '../../core/layout.js';
import { decideKeep, type Tombstone, type TombstoneDecision } from '../../core/retention/tombstone.js';
import type { ObjectStore } from '../store/object-store.js';
import { parseRecord, recordDamaged } from './read-json-record.js';
import { readTagged } from './read-tagged.js';
import { swapRecord } from './swap-record.js';

const STATES: readonly string[] = ['retiring', 'kept', 'deleting'] satisfies Tombstone['state'][];

/** Reads the tombstone of a version; undefined where there is none. Errors: FILE_DAMAGED. */
export async function readTombstone(
  store: ObjectStore,
  dataset: string,
  version: string,
): Promise<Tombstone | undefined> {
  return (await readTagged(store, tombstoneKey(dataset, version), parseTombstone))?.record;
}

/**
 * Changes the tombstone of a version by compare-and-swap, and returns its state afterwards, which
 * is `kept` where there is none. Errors: FILE_DAMAGED, STORE_UNAVAILABLE.
 */
export async function swapTombstone(
  store: ObjectStore,
  { dataset, version }: { dataset: string; version: string },
  decide: (current: Tombstone | undefined) => TombstoneDecision,
): Promise<Tombstone['state']> {
  const key = tombstoneKey(dataset, version);
  const swapped = { key, name: `the tombstone of ${dataset}@${version}`, parse: parseTombstone };
  const decided = await swapRecord(store, swapped, decide);
  return decided.outcome === 'written' ? decided.record.state : decided.outcome;
}

/**
 * Keeps a version that somebody needs, who has written a pin that says so. Returns false where it
 * is being deleted already. Errors: FILE_DAMAGED.
 */
export async function keepsVersion(store: ObjectStore, dataset: string, version: string): Promise<boolean> {
  return (await swapTombstone(store, { dataset, version }, decideKeep)) !== 'deleting';
}

/** Checks that a version is not being deleted. Errors: VERSION_RETIRED, FILE_DAMAGED. */
export async function assertNotDeleted(store: ObjectStore, dataset: string, version: string): Promise<void> {
  if (await isDeleting(store, dataset, version)) throw versionRetired(store, dataset, version);
}

/** Returns whether a version is being deleted, or is deleted. Errors: FILE_DAMAGED. */
export async function isDeleting(store: ObjectStore, dataset: string, version: string): Promise<boolean> {
  return (await readTombstone(store, dataset, version))?.state === 'deleting';
}

/**
 * Lists the tombstones of some versions, in the order of their names. Those of other versions are
 * not read, because versions that are gone keep theirs. Errors: FILE_DAMAGED.
 */
export async function* listTombstones(
  store: ObjectStore,
  dataset: string,
  versions: ReadonlySet<string>,
): AsyncGenerator<Tombstone> {
  const prefix = tombstonesPrefix(dataset);
  for await (const { key } of store.list(prefix)) {
    const version = key.slice(prefix.length, -'.json'.length);
    const tombstone = versions.has(version) && (await readTombstone(store, dataset, version));
    if (tombstone) yield tombstone;
  }
}

/** Returns the error for a version that was deleted by its dataset's retention. */
export function versionRetired(
  { root }: Pick<ObjectStore, 'root'>,
  dataset: string,
  version: string,
): VectormillError {
  return new VectormillError(
    'VERSION_RETIRED',
    `${dataset}@${version} is deleted, and its name is not used again`,
    {
      component: 'version',
      file: `${root}/${tombstoneKey(dataset, version)}`,
      remedy: 'Name another version; `vectormill gc` says which there are.',
    },
  );
}

function parseTombstone(bytes: Uint8Array, file: string): Tombstone {
  const record = parseRecord<Tombstone>(bytes, 1, file);
  const isSound = STATES.includes(record.state) && Number.isSafeInteger(record.collection);
  if (!isSound || typeof record.version !== 'string')
    throw recordDamaged(file, 'does not say what is to become of its version', {
      remedy:
        'Restore the file from a copy. If there is none and the version is complete (`vectormill verify`), remove the file; the next collection writes it anew.',
    });
  return record;
}
