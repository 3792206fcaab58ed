import type { Slice } from '../plan.js';
import type { SliceEntry } from '../slice-entry.js';

/** The slices of a new version, out of those of its parent and of those that must be read. */
export interface ComparedSlices {
  /**
   * All slices in the order of the corpus. `parent` is the place of the same slice in the parent's
   * list; it is undefined for slices that must be read.
   */
  slices: readonly { slice: Slice; parent: number | undefined }[];
  /** `[slices of the parent]`: the place of each in the new version; undefined if it is gone. */
  placeOfParent: readonly (number | undefined)[];
}

/** Returns whether an object is the one that some slices of the parent were read from. */
export function isUnchanged(
  object: { etag: string; bytes: number },
  known: Pick<SliceEntry, 'etag' | 'objectBytes'> | undefined,
): boolean {
  return known !== undefined && known.etag === object.etag && known.objectBytes === object.bytes;
}

/** The numbers of objects of a corpus by what became of them since another version. */
export interface ObjectCounts {
  unchanged: number;
  changed: number;
  added: number;
  deleted: number;
}

/**
 * Compares the objects of a corpus, of each of which some slices are given, with those of a parent.
 * `documentsOfDeleted` is the number of documents that the parent had in objects that are gone.
 */
export function compareObjects(
  parent: readonly Pick<SliceEntry, 'uri' | 'etag' | 'objectBytes' | 'documents'>[],
  slices: readonly Pick<Slice, 'uri' | 'etag' | 'objectBytes'>[],
): { objects: ObjectCounts; documentsOfDeleted: number } {
  const known = new Map(parent.map((slice) => [slice.uri, slice]));
  const now = new Map(slices.map((slice) => [slice.uri, slice]));
  const objects = { unchanged: 0, changed: 0, added: 0, deleted: 0 };
  for (const [uri, { etag, objectBytes }] of now)
    if (!known.has(uri)) objects.added += 1;
    else if (isUnchanged({ etag, bytes: objectBytes }, known.get(uri))) objects.unchanged += 1;
    else objects.changed += 1;
  const gone = parent.filter(({ uri }) => !now.has(uri));
  objects.deleted = new Set(gone.map(({ uri }) => uri)).size;
  return { objects, documentsOfDeleted: gone.reduce((sum, { documents }) => sum + documents, 0) };
}

/**
 * Orders the slices of a new version. `read` are the slices of objects that are new or have
 * changed, and `kept` holds the URIs of those that have not changed. Both lists are in the order of
 * the corpus, which is that of the URIs by UTF-16 code units.
 */
export function compareSlices(
  parent: readonly SliceEntry[],
  kept: ReadonlySet<string>,
  read: readonly Slice[],
): ComparedSlices {
  const slices: { slice: Slice; parent: number | undefined }[] = [];
  const placeOfParent: (number | undefined)[] = new Array(parent.length).fill(undefined);
  let next = 0;
  for (const [place, entry] of parent.entries()) {
    if (!kept.has(entry.uri)) continue;
    for (; next < read.length && read[next]!.uri < entry.uri; next += 1)
      slices.push({ slice: read[next]!, parent: undefined });
    placeOfParent[place] = slices.length;
    slices.push({ slice: entry, parent: place });
  }
  for (; next < read.length; next += 1) slices.push({ slice: read[next]!, parent: undefined });
  return { slices, placeOfParent };
}
