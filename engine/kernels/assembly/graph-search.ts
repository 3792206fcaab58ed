/**
 * AssemblyScript, compiled by `npm run kernel` into ../graph-search.ts: the lowest layer of an HNSW graph whose rows are int8,
 * searched as usearch searches it (`search_to_find_in_base_` in its index.hpp), but with all rows that a step compares asked
 * of memory before the first of them is needed. A search spends most of its time waiting for rows.
 *
 * Every address is in bytes from the start of the memory, which the caller lays out and fills (memory-graph.ts), setting the values
 * that are exported here before the first search.
 */
import { productWithWide } from './parts/product';
import { entry, scored, scoreOf, setEntry } from './parts/scored';
import { beginSearch, readAhead, rowBytes, rowOf, unseenAt } from './parts/visits';

export { rowBytes, rows, seen, sink, unseen, vectors } from './parts/visits';

/** Slots of a row's neighbours on the lowest layer, `[rows, connectivity]` at `links`; the list ends early at a negative one. */
export let connectivity: i32 = 0;
export let links: usize = 0;

/** The query's numbers as i16. */
export let query: usize = 0;
/**
 * A heap of rows whose neighbours are still to be looked at, their bits turned round, so that the best is the smallest. Heaps,
 * because a search may be asked for thousands of rows.
 */
export let frontier: usize = 0;
/** A heap of the best rows so far. */
export let best: usize = 0;

/** The dot product of the query and a row. */
export function score(slot: i32): i32 {
  return productWithWide(rowOf(slot), query, rowBytes);
}

/**
 * Puts the best rows that `expansion` (ef) reaches from the slot `start` at `best`, best first, and returns their number,
 * `expansion` at most.
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

/** Takes an entry into a heap of `size`, whose smallest is first. */
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

/** Puts an entry in the place of the smallest of `size`. */
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

/** From a heap to largest first: the smallest goes last, again and again. */
function sortBest(size: i32): void {
  for (let last = size - 1; last > 0; last -= 1) {
    const smallest = entry(best, 0);
    sinkFirst(best, last, entry(best, last));
    setEntry(best, last, smallest);
  }
}
