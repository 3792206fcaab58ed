import { lastWhere } from '../../core/last-where.js';

/** A sorted series that comes in blocks, of which none is empty. */
export type SortedBlocks<Entry> = AsyncIterator<Entry[]>;

/**
 * Merges sorted series, and yields their entries in blocks that follow each other in order. Memory
 * holds a block of each series.
 */
export async function* mergeSorted<Entry>(
  series: readonly SortedBlocks<Entry>[],
  compare: (a: Entry, b: Entry) => number,
): AsyncGenerator<Entry[]> {
  let heads = series.map((blocks) => ({ blocks, entries: [] as Entry[] }));
  for (;;) {
    await Promise.all(heads.filter(({ entries }) => entries.length === 0).map(readNext));
    heads = heads.filter(({ entries }) => entries.length > 0);
    if (heads.length === 0) return;
    // No entry that is still to be read comes before the least of the last ones.
    const bound = heads
      .map(({ entries }) => entries.at(-1)!)
      .reduce((least, last) => (compare(last, least) < 0 ? last : least));
    const merged: Entry[] = [];
    for (const head of heads) {
      const count = countUpTo(head.entries, bound, compare);
      for (let at = 0; at < count; at += 1) merged.push(head.entries[at]!);
      head.entries = head.entries.slice(count);
    }
    yield merged.sort(compare);
  }
}

async function readNext<Entry>(head: { blocks: SortedBlocks<Entry>; entries: Entry[] }): Promise<void> {
  const { value, done } = await head.blocks.next();
  head.entries = done ? [] : value;
}

/** Returns the number of entries that do not come after `bound`. */
function countUpTo<Entry>(
  entries: readonly Entry[],
  bound: Entry,
  compare: (a: Entry, b: Entry) => number,
): number {
  const isUpTo = (at: number) => compare(entries[at]!, bound) <= 0;
  return isUpTo(0) ? lastWhere(entries.length, isUpTo) + 1 : 0;
}
