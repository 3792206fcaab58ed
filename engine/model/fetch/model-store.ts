import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { isVectormillError, VectormillError } from '../../../core/errors.js';
import type { LockedFile, ModelLock } from '../../../core/model-lock.js';
import { sha256OfPieces } from '../../files/hash.js';
import { readBytes } from '../../files/read-bytes.js';
import type { ObjectStore } from '../../store/object-store.js';
import { sha256OfModelFile } from '../folder/hash-files.js';
import { otherBytes } from '../hub/hub-errors.js';
import { completeFile, type PartialFile } from '../hub/partial-file.js';
import { modelInvalid } from '../model-errors.js';
import type { FileFetcher } from './model-assembly.js';
import type { CommitPlace, ExistingModel } from './pulled-models.js';

/** Returns the key of a model's file below the root of a job's `models`. */
function keyOf({ repository, commit }: CommitPlace, path: string): string {
  return `${repository}/${commit}/${path}`;
}

/**
 * Checks that a store holds every file of a lock, by their sizes. Errors: MODEL_NOT_FOUND, saying
 * what to type; those of the store.
 */
export async function assertStoreHolds(store: ObjectStore, lock: ModelLock): Promise<void> {
  for (const { path, bytes } of lock.files) {
    const found = await store.head(keyOf(lock, path));
    if (found?.size !== bytes) throw storeLacks(store, lock, path);
  }
}

/**
 * Makes a fetcher that takes files from a store. It goes on with what an earlier call left. Errors
 * of the fetcher: MODEL_NOT_FOUND, those of `completeFile`, those of the store.
 */
export function storeFetcher(store: ObjectStore, place: CommitPlace): FileFetcher {
  return async (file, target, onBytes) => {
    const key = keyOf(place, file.path);
    const found = await store.head(key);
    if (!found) throw storeLacks(store, place, file.path);
    const uri = `${store.root}/${key}`;
    if (found.size !== file.bytes)
      throw otherBytes(uri, `${uri} has ${found.size} bytes, and ${file.bytes} are locked`);
    const fetchRest = async (partial: PartialFile) => {
      const start = await partial.size();
      const range = { start, end: file.bytes };
      if (start < file.bytes)
        await partial.write(start, store.stream(key, { range, ifMatch: found.etag }), onBytes);
      return start === 0;
    };
    return completeFile(file, target, onBytes, fetchRest).catch((error: unknown) => {
      if (!isVectormillError(error) || error.code !== 'MODEL_CHECKSUM_MISMATCH') throw error;
      throw otherBytes(uri, `${uri} is not what the job has locked: its sha256 is another`);
    });
  };
}

/** A file that was put into a store, or was there already. */
export interface PushedFile extends LockedFile {
  isNew: boolean;
}

/**
 * Puts the files of a model into a store, from which workers take them. What is there with the
 * locked bytes stays, and anything else is replaced. Errors: MODEL_CHECKSUM_MISMATCH where this
 * machine's own copy is damaged; those of the store.
 */
export async function pushModel(
  { folder, lock }: ExistingModel,
  store: ObjectStore,
  onBytes: (bytes: number) => void,
): Promise<PushedFile[]> {
  const pushed: PushedFile[] = [];
  for (const file of lock.files) {
    const path = join(folder, file.path);
    const sha256 = await sha256OfModelFile(path);
    if (sha256 !== file.sha256)
      throw otherBytes(file.path, `${path} has sha256 ${sha256}, locked is ${file.sha256}`);
    const key = keyOf(lock, file.path);
    const isNew = (await hashIn(store, key, file.bytes)) !== file.sha256;
    if (isNew) await putFile(store, key, path, file);
    onBytes(file.bytes);
    pushed.push({ ...file, isNew });
  }
  return pushed;
}

/** Returns the SHA-256, in hex, of an object of this size; undefined where there is none. */
async function hashIn(store: ObjectStore, key: string, bytes: number): Promise<string | undefined> {
  if ((await store.head(key))?.size !== bytes) return undefined;
  return sha256OfPieces(store.stream(key));
}

/** Puts a file into a store piece by piece, because weights may not fit in memory. */
async function putFile(
  store: ObjectStore,
  key: string,
  path: string,
  { path: name, bytes }: LockedFile,
): Promise<void> {
  const handle = await open(path);
  try {
    await store.put(key, {
      length: bytes,
      read: async (start, end) => {
        const piece = await readBytes(handle, start, end - start).catch((error: unknown) => {
          throw modelInvalid(path, 'the file cannot be read', error);
        });
        if (!piece) throw otherBytes(name, `${path} became shorter than ${bytes} bytes while it was read`);
        return piece;
      },
    });
  } finally {
    await handle.close();
  }
}

function storeLacks(store: ObjectStore, { repository, commit }: CommitPlace, path: string): VectormillError {
  return new VectormillError(
    'MODEL_NOT_FOUND',
    `${store.root} does not hold ${path} of ${repository} at commit ${commit}`,
    {
      component: 'model',
      file: `${store.root}/${keyOf({ repository, commit }, path)}`,
      remedy: `On a machine that has the model, type: vectormill model push ${repository}@${commit} ${store.root}`,
    },
  );
}
