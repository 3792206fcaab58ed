import type { ListPiece } from '../../core/manifest.js';
import type { ObjectStore } from '../store/object-store.js';
import { readListedFile } from './read-listed-file.js';

/**
 * Yields what `parse` makes of each piece of a list. Pieces are read one after the other, because a
 * list may take a good part of the memory. Errors: OBJECT_NOT_FOUND, CHECKSUM_MISMATCH, and those
 * of `parse`.
 */
export async function* readPieces<T>(
  store: ObjectStore,
  pieces: readonly ListPiece[],
  parse: (bytes: Uint8Array, file: string) => T,
): AsyncGenerator<T, undefined> {
  for (const piece of pieces) yield parse(await readListedFile(store, piece), `${store.root}/${piece.key}`);
  return undefined;
}

/** Returns all that `readPieces` yields. */
export async function readAllPieces<T>(...read: Parameters<typeof readPieces<T>>): Promise<T[]> {
  const all: T[] = [];
  for await (const piece of readPieces<T>(...read)) all.push(piece);
  return all;
}
