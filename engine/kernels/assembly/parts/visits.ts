/** Rows of i8 and the marks of those that a search has seen. Whoever searches sets these values before the first search. */
import { touch } from './product';

export let rows: i32 = 0;
/** Of a row, with what pads it. */
export let rowBytes: usize = 0;
export let vectors: usize = 0;
/** A byte a row: the search that has seen it last. */
export let seen: usize = 0;
/** Room for the slots of one list of links. */
export let unseen: usize = 0;
/** Takes in what is read ahead; exported so that no compiler leaves it out. */
export let sink: i32 = 0;

let search: i32 = 0;

export function rowOf(slot: i32): usize {
  return vectors + <usize>slot * rowBytes;
}

/** The slot at `index` of those that were read ahead. */
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
 * Marks the slots of a list that were not seen yet, writes them to `unseen`, touches every line of their rows, and counts them.
 * The list has `capacity` slots, and ends early at a negative one.
 */
export function readAhead(list: usize, capacity: i32): i32 {
  let fresh = 0;
  for (let index = 0; index < capacity; index += 1) {
    const slot = load<i32>(list + ((<usize>index) << 2));
    if (slot < 0) break;
    // Written either way: whether a row was seen is what no processor foresees.
    const isFresh = <i32>(load<u8>(seen + slot) !== <u8>search);
    store<u8>(seen + slot, <u8>search);
    store<i32>(unseen + ((<usize>fresh) << 2), slot);
    fresh += isFresh;
  }
  for (let index = 0; index < fresh; index += 1) touchRow(unseenAt(index));
  return fresh;
}

/** Asks memory for every line of a row. */
export function touchRow(slot: i32): void {
  sink |= touch(rowOf(slot), rowBytes);
}
