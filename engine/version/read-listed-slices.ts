import type { CorpusLists } from '../../core/manifest.js';
import type { SliceEntry } from '../../core/slice-entry.js';
import { readSliceListFile } from '../parquet/slice-list-file.js';
import type { ObjectStore } from '../store/object-store.js';
import { readPieces } from './read-pieces.js';

/**
 * Returns the slices that a version lists, in the order of its corpus, all of them in memory.
 * Errors: those of `readPieces`.
 */
export async function readListedSlices(
  store: ObjectStore,
  lists: Pick<CorpusLists, 'slices'>,
): Promise<SliceEntry[]> {
  const slices: SliceEntry[] = [];
  for await (const entries of readPieces(store, lists.slices, readSliceListFile))
    for (const entry of entries) slices.push(entry);
  return slices;
}
