import { begunPrefix, collectionLayout, pinKey, versionLayout } from '../../core/layout.js';
import { mapConcurrently } from '../concurrency/map-concurrently.js';
import { throwIfStopped } from '../concurrency/stop.js';
import type { ObjectStore } from '../store/object-store.js';
import { createOnce } from '../version/create-once.js';
import type { KeyHashes } from './key-hashes.js';

/** The number of keys that one list names; memory holds one list. */
const KEYS_A_LIST = 10_000;

/** The number of objects that are deleted at once. */
const DELETIONS_IN_FLIGHT = 16;

/** Objects that were deleted. */
export interface DeletedObjects {
  files: number;
  bytes: number;
}

/** An object that shall be deleted. */
interface DoomedObject {
  key: string;
  size: number;
}

/** The versions that a collection deletes, and the files of them that it leaves. */
export interface Deletion {
  collection: number;
  /** Versions that are being deleted. */
  versions: readonly string[];
  /** Their files that other versions list. */
  living: KeyHashes;
}

/**
 * Deletes what is below versions that are being deleted, except the files that other versions list.
 * Nothing is deleted that no create-once list names. A killed collection begins with the lists that
 * it has written. Errors: CANCELLED once `signal` is aborted.
 */
export async function deleteObjects(
  store: ObjectStore,
  dataset: string,
  deletion: Deletion,
  { signal, onDeleted }: { signal: AbortSignal; onDeleted: (files: number) => void },
): Promise<DeletedObjects> {
  const layout = collectionLayout(dataset, deletion.collection);
  const total: DeletedObjects = { files: 0, bytes: 0 };
  const deleteList = async (bytes: Uint8Array) => {
    const objects = objectsIn(bytes);
    throwIfStopped(signal);
    await mapConcurrently(objects, DELETIONS_IN_FLIGHT, ({ key }) => store.delete(key));
    total.files += objects.length;
    total.bytes += objects.reduce((sum, { size }) => sum + size, 0);
    onDeleted(total.files);
  };
  let lists = 0;
  while (await store.head(layout.keys(lists))) {
    await deleteList(await store.get(layout.keys(lists)));
    lists += 1;
  }
  // What makes a version readable goes first, so that no reader finds half of one.
  for (const objects of [readableRecords(store, dataset, deletion), remains(store, dataset, deletion)])
    for await (const list of inLists(objects)) {
      const { bytes } = await createOnce(store, layout.keys(lists), list);
      lists += 1;
      await deleteList(bytes);
    }
  return total;
}

async function* readableRecords(
  store: ObjectStore,
  dataset: string,
  { versions }: Deletion,
): AsyncGenerator<DoomedObject> {
  for (const version of versions) {
    const { manifest, success } = versionLayout(dataset, version);
    for (const key of [manifest, success, pinKey(dataset, version)]) {
      const info = await store.head(key);
      if (info) yield info;
    }
  }
}

async function* remains(
  store: ObjectStore,
  dataset: string,
  { versions, living }: Deletion,
): AsyncGenerator<DoomedObject> {
  for await (const object of remainsOf(store, dataset, versions)) if (!living.has(object.key)) yield object;
}

/** Yields the objects of versions, and the notes that they were begun. */
export async function* remainsOf(
  store: ObjectStore,
  dataset: string,
  versions: readonly string[],
): AsyncGenerator<DoomedObject> {
  if (versions.length === 0) return;
  for (const version of versions) yield* store.list(`${versionLayout(dataset, version).prefix}/`);
  const names = new Set(versions);
  const prefix = begunPrefix(dataset, null).slice(0, -'_none/'.length);
  for await (const object of store.list(prefix)) {
    const [, version = ''] = object.key.slice(prefix.length).split('/');
    if (names.has(version)) yield object;
  }
}

/** Writes objects as lists: the bytes and the key of one on each line. */
async function* inLists(objects: AsyncIterable<DoomedObject>): AsyncGenerator<Uint8Array> {
  let lines: string[] = [];
  const list = () => new TextEncoder().encode(lines.join(''));
  for await (const { key, size } of objects) {
    lines.push(`${size} ${key}\n`);
    if (lines.length < KEYS_A_LIST) continue;
    yield list();
    lines = [];
  }
  if (lines.length > 0) yield list();
}

function objectsIn(list: Uint8Array): DoomedObject[] {
  const lines = new TextDecoder().decode(list).split('\n').slice(0, -1);
  return lines.map((line) => {
    const space = line.indexOf(' ');
    return { size: Number(line.slice(0, space)), key: line.slice(space + 1) };
  });
}
