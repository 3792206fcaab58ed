/**
 * A scored slot is one i64 with its score above its slot, so that one comparison orders both. An
 * address points to the first entry of a list of such entries.
 */

/**
 * This bit is set in an entry's lower half, where slots are positive, while the search still has to
 * expand the entry.
 */
export const OPEN: i64 = 0x80000000;

export function scored(score: i32, slot: i32): i64 {
  return ((<i64>score) << 32) | <i64>slot;
}

export function scoreOf(own: i64): i32 {
  return <i32>(own >> 32);
}

/** Returns the slot of an entry, whether it is open or not. */
export function slotOf(own: i64): i32 {
  return <i32>own & 0x7fffffff;
}

export function entry(list: usize, index: i32): i64 {
  return load<i64>(list + ((<usize>index) << 3));
}

export function setEntry(list: usize, index: i32, own: i64): void {
  store<i64>(list + ((<usize>index) << 3), own);
}
