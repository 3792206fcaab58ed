/**
 * AssemblyScript, compiled by `npm run kernel` into ../graph-search.ts: the lowest layer of an HNSW graph whose rows are int8,
 * searched as usearch searches it (`search_to_find_in_base_` in its index.hpp), but with all rows that a step compares asked
 * of memory before the first of them is needed. A search spends most of its time waiting for rows.
 *
 * Every address is in bytes from the start of the memory, which the caller lays out and fills (graph-memory.ts). A scored
 * slot is one i64, its score above its slot, so that one comparison orders both.
 */

/** Bytes that one access brings from memory. */
const CACHE_LINE: usize = 64;
/** Rows are padded with zeros to a multiple of it, bytes. */
const STEP: usize = 32;

/** Sizes and places, which the caller sets before the first search. */
export let rows: i32 = 0;
export let rowBytes: usize = 0;
/** Slots of a row's neighbours on the lowest layer; the list ends early at a negative one. */
export let connectivity: i32 = 0;

export let vectors: usize = 0;
export let links: usize = 0;
/** A byte a row: the search that has seen it last. */
export let seen: usize = 0;
/** The query's numbers as i16. */
export let query: usize = 0;
export let unseen: usize = 0;
/** A heap of rows whose neighbours are still to be looked at, their bits turned round, so that the best is the smallest. */
export let frontier: usize = 0;
/** A heap of the best rows so far. */
export let best: usize = 0;

let search: i32 = 0;
/** Takes in what is read ahead; exported so that no compiler leaves it out. */
export let sink: i32 = 0;

/** The dot product of the query and a row. */
export function score(slot: i32): i32 {
  let row = vectors + <usize>slot * rowBytes;
  let numbers = query;
  const end = row + rowBytes;
  let a = i32x4.splat(0);
  let b = i32x4.splat(0);
  let c = i32x4.splat(0);
  let d = i32x4.splat(0);
  while (row < end) {
    a = i32x4.add(a, i32x4.dot_i16x8_s(v128.load_ext<i8>(row), v128.load(numbers)));
    b = i32x4.add(b, i32x4.dot_i16x8_s(v128.load_ext<i8>(row, 8), v128.load(numbers, 16)));
    c = i32x4.add(c, i32x4.dot_i16x8_s(v128.load_ext<i8>(row, 16), v128.load(numbers, 32)));
    d = i32x4.add(d, i32x4.dot_i16x8_s(v128.load_ext<i8>(row, 24), v128.load(numbers, 48)));
    row += STEP;
    numbers += 2 * STEP;
  }
  const sum = i32x4.add(i32x4.add(a, b), i32x4.add(c, d));
  const upper = i32x4.extract_lane(sum, 2) + i32x4.extract_lane(sum, 3);
  return i32x4.extract_lane(sum, 0) + i32x4.extract_lane(sum, 1) + upper;
}

/**
 * Puts the best rows that `expansion` (ef) reaches from the slot `start` at `best`, best first, and returns their number,
 * `expansion` at most.
 */
export function searchBase(start: i32, expansion: i32): i32 {
  beginSearch();
  const first = scored(score(start), start);
  store<u8>(seen + start, <u8>search);
  store<i64>(frontier, ~first);
  store<i64>(best, first);
  let waiting = 1;
  let found = 1;
  while (waiting > 0) {
    const next = ~load<i64>(frontier);
    if (found === expansion && scoreOf(next) < scoreOf(load<i64>(best))) break;
    waiting -= 1;
    if (waiting > 0) sinkFirst(frontier, waiting, entry(frontier, waiting));
    const fresh = readAhead(<i32>next);
    for (let index = 0; index < fresh; index += 1) {
      const slot = load<i32>(unseen + ((<usize>index) << 2));
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

/** Marks the neighbours of a row that were not seen yet, writes them to `unseen`, touches every line of them, and counts them. */
function readAhead(slot: i32): i32 {
  const list = links + <usize>slot * ((<usize>connectivity) << 2);
  let fresh = 0;
  let touched = 0;
  for (let index = 0; index < connectivity; index += 1) {
    const neighbour = load<i32>(list + ((<usize>index) << 2));
    if (neighbour < 0) break;
    if (load<u8>(seen + neighbour) === <u8>search) continue;
    store<u8>(seen + neighbour, <u8>search);
    store<i32>(unseen + ((<usize>fresh) << 2), neighbour);
    fresh += 1;
    const row = vectors + <usize>neighbour * rowBytes;
    for (let at: usize = 0; at < rowBytes; at += CACHE_LINE) touched |= load<i32>(row + at);
  }
  sink |= touched;
  return fresh;
}

function beginSearch(): void {
  search += 1;
  if (search < 256) return;
  memory.fill(seen, 0, rows);
  search = 1;
}

function scored(value: i32, slot: i32): i64 {
  return ((<i64>value) << 32) | <i64>slot;
}

function scoreOf(own: i64): i32 {
  return <i32>(own >> 32);
}

function entry(heap: usize, index: i32): i64 {
  return load<i64>(heap + ((<usize>index) << 3));
}

function setEntry(heap: usize, index: i32, own: i64): void {
  store<i64>(heap + ((<usize>index) << 3), own);
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
