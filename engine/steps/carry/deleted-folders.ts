import type { Slice } from '../../../core/plan.js';

/** The number of folders that an error names. */
const NAMED_FOLDERS = 5;

/**
 * Returns the folders with most of the deleted documents, which are counted by the places of their
 * slices.
 */
export function foldersOf(
  ofSlices: ReadonlyMap<number, number>,
  slices: readonly Pick<Slice, 'uri'>[],
): { prefix: string; documents: number }[] {
  const folders = new Map<string, number>();
  for (const [place, documents] of ofSlices) {
    const { uri } = slices[place]!;
    const prefix = uri.slice(0, uri.lastIndexOf('/') + 1);
    folders.set(prefix, (folders.get(prefix) ?? 0) + documents);
  }
  return [...folders]
    .map(([prefix, documents]) => ({ prefix, documents }))
    .sort((a, b) => b.documents - a.documents || (a.prefix < b.prefix ? -1 : 1))
    .slice(0, NAMED_FOLDERS);
}
