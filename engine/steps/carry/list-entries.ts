import type { ListPiece } from '../../../core/manifest.js';
import type { OpenVersion } from '../../version/open-version.js';
import { readPieces } from '../../version/read-pieces.js';

/**
 * Yields the entries of a list, a piece in memory at a time. Errors: OBJECT_NOT_FOUND,
 * CHECKSUM_MISMATCH, FILE_DAMAGED.
 */
export async function* listEntries<Entry>(
  { store }: OpenVersion,
  pieces: readonly ListPiece[],
  parse: (bytes: Uint8Array, file: string) => { length: number; at(place: number): Entry },
): AsyncGenerator<Entry, undefined> {
  for await (const list of readPieces(store, pieces, parse))
    for (let place = 0; place < list.length; place += 1) yield list.at(place);
  return undefined;
}
