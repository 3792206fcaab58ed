/**
 * Rows of i8, and marks for those that a search has seen. The caller sets these values before the
 * first search.
 */
import { touch } from './product';

export let rows: i32 = 0;
/** The size of a row with its padding. */
export let rowBytes: usize = 0;
export let vectors: usize = 0;
/** One byte for each row: the search that has seen it last. */
export let seen: usize = 0;
/** Space for the slots of one list of links. */
export let unseen: usize = 0;
/** Collects what is read ahead. It is exported so that no compiler leaves the reads out. */
export let sink: i32 = 0;

let search: i32 = 0;

export function rowOf(slot: i32): usize {
  return vectors + <usize>slot * rowBytes;
}

/** Returns the slot at `index` among those that were read ahead. */
export function unseenAt(index: i32): i32 {
  return load<i32>(unseen + ((<usize>index) << 2));
}

/** Begins a search that has seen one row. */
export function beginSearch(first: i32): void {
  search += 1;
  if (search === 256) {
    memory.fill(seen, 0, rows);
    search = 1;
  }
  store<u8>(seen + first, <u8>search);
}

/**
 * Marks the slots of a list that this search has not seen yet, writes them to `unseen`, touches
 * every cache line of their rows, and returns their number. The list has `capacity` slots; a
 * negative one ends a list that is not full.
 */
export function readAhead(list: usize, capacity: i32): i32 {
  let fresh = 0;
  for (let index = 0; index < capacity; index += 1) {
    const slot = load<i32>(list + ((<usize>index) << 2));
    if (slot < 0) break;
    // The slot is written in either case, because a processor cannot predict whether a row was
    // seen.
    const isFresh = <i32>(load<u8>(seen + slot) !== <u8>search);
    store<u8>(seen + slot, <u8>search);
    store<i32>(unseen + ((<usize>fresh) << 2), slot);
    fresh += isFresh;
  }
  for (let index = 0; index < fresh; index += 1) touchRow(unseenAt(index));
  return fresh;
}

/** Fetches every cache line of a row. */
export function touchRow(slot: i32): void {
  sink |= touch(rowOf(slot), rowBytes);
}
