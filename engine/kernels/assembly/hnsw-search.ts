/**
 * AssemblyScript, compiled by `npm run kernel` into ../hnsw-search.ts. It searches the lowest
 * layer of an HNSW graph whose rows are int8, as usearch does (`search_to_find_in_base_` in its
 * index.hpp). All rows that a step compares are fetched from memory before the first of them is
 * needed, because a search spends most of its time waiting for rows.
 *
 * Every address is in bytes from the start of the memory. The caller lays out and fills the memory
 * (memory-graph.ts), and sets the values that are exported here before the first search.
 */
import { productWithWide } from './parts/product';
import { entry, scored, scoreOf, setEntry } from './parts/scored';
import { beginSearch, readAhead, rowBytes, rowOf, unseenAt } from './parts/visits';

export { rowBytes, rows, seen, sink, unseen, vectors } from './parts/visits';

/**
 * The slots of a row's neighbours on the lowest layer, `[rows, connectivity]` at `links`. A
 * negative slot ends a list that is not full.
 */
export let connectivity: i32 = 0;
export let links: usize = 0;

/** The query's numbers as i16. */
export let query: usize = 0;
/**
 * A heap of rows whose neighbours the search still has to compare. Their bits are inverted, so that
 * the best is the smallest. These are heaps because a search may ask for thousands of rows.
 */
export let frontier: usize = 0;
/** A heap of the best rows so far. */
export let best: usize = 0;

/** Returns the dot product of the query and a row. */
export function score(slot: i32): i32 {
  return productWithWide(rowOf(slot), query, rowBytes);
}

/**
 * Writes the best rows that a search of `expansion` (ef) reaches from the slot `start` to `best`,
 * best first. Returns their number, which is at most `expansion`.
 */
export function searchBase(start: i32, expansion: i32): i32 {
  beginSearch(start);
  const first = scored(score(start), start);
  store<i64>(frontier, ~first);
  store<i64>(best, first);
  let waiting = 1;
  let found = 1;
  while (waiting > 0) {
    const next = ~load<i64>(frontier);
    if (found === expansion && scoreOf(next) < scoreOf(load<i64>(best))) break;
    waiting -= 1;
    if (waiting > 0) sinkFirst(frontier, waiting, entry(frontier, waiting));
    const fresh = readAhead(links + ((<usize>(<i32>next) * <usize>connectivity) << 2), connectivity);
    for (let index = 0; index < fresh; index += 1) {
      const slot = unseenAt(index);
      const own = scored(score(slot), slot);
      if (found === expansion && scoreOf(own) <= scoreOf(load<i64>(best))) continue;
      raise(frontier, waiting, ~own);
      waiting += 1;
      if (found === expansion) sinkFirst(best, found, own);
      else {
        raise(best, found, own);
        found += 1;
      }
    }
  }
  sortBest(found);
  return found;
}

/** Adds an entry to a heap of `size` entries, the smallest of which is first. */
function raise(heap: usize, size: i32, own: i64): void {
  let at = size;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if (entry(heap, parent) <= own) break;
    setEntry(heap, at, entry(heap, parent));
    at = parent;
  }
  setEntry(heap, at, own);
}

/** Replaces the smallest entry of a heap of `size` entries. */
function sinkFirst(heap: usize, size: i32, own: i64): void {
  let at = 0;
  for (let child = 1; child < size; child = 2 * at + 1) {
    if (child + 1 < size && entry(heap, child + 1) < entry(heap, child)) child += 1;
    if (entry(heap, child) >= own) break;
    setEntry(heap, at, entry(heap, child));
    at = child;
  }
  setEntry(heap, at, own);
}

/** Sorts the heap, largest first, by moving the smallest entry to the end again and again. */
function sortBest(size: i32): void {
  for (let last = size - 1; last > 0; last -= 1) {
    const smallest = entry(best, 0);
    sinkFirst(best, last, entry(best, last));
    setEntry(best, last, smallest);
  }
}
