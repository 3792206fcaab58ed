import { parsePartName } from '../../core/ids.js';
import { contiguousParts } from '../../core/part.js';
import type { ObjectStore } from '../store/object-store.js';

/** A part that was found in storage. */
export interface FoundPart {
  key: string;
  start: number;
  end: number;
}

/** Lists the parts in a shard's folder that follow one another from row 0. */
export async function listParts(store: ObjectStore, folder: string): Promise<FoundPart[]> {
  const found: FoundPart[] = [];
  for await (const { key } of store.list(`${folder}/`)) {
    const range = parsePartName(key.slice(folder.length + 1));
    if (range) found.push({ key, ...range });
  }
  return contiguousParts(found);
}
