/**
 * AssemblyScript, compiled by `npm run kernel` into ../hnsw-build.ts. It builds an HNSW graph of
 * rows of i8, compared by inner product, as usearch builds it (`add` in its index.hpp). Several
 * threads work on one memory, each with an instance of its own. The caller lays out the memory
 * (kernel-graph.ts); addresses are in bytes.
 *
 * No row is lost, because a new row's own lists on all its layers are written before the first link
 * leads to it. In usearch, a row can be found on an upper layer while its lowest list is still
 * empty.
 */
import { keepDiverse } from './parts/diversity';
import { best, nearestFrom, query, searchLayer } from './parts/layer-search';
import { addLink, connectivity, setLinks } from './parts/lists';
import { lock, unlock } from './parts/lock';
import { widen } from './parts/product';
import { entry, scored, scoreOf, setEntry, slotOf } from './parts/scored';
import { rowBytes, rowOf } from './parts/visits';

export { best, expansion, query } from './parts/layer-search';
export {
  connectivity,
  heads,
  links,
  pool,
  scores,
  upperHeads,
  upperLinks,
  upperLists,
  upperScores,
} from './parts/lists';
export { rowBytes, rows, seen, sink, unseen, vectors } from './parts/visits';

/** One byte for each row: its topmost layer. */
export let levels: usize = 0;
/**
 * The state that all threads share: the next slot to add (i32), the lock for raising the graph
 * (i32), and the entry, with its level in the upper half and its slot in the lower.
 */
export let control: usize = 0;
/**
 * This thread's space for the links of a new row on each layer: their number (i64), and M entries.
 */
export let chosen: usize = 0;

const NEXT: usize = 0;
const RAISING: usize = 4;
const ENTRY: usize = 8;

/**
 * Adds the rows from the next one to `end`, side by side with other threads that run the same call.
 */
export function addRows(end: i32): void {
  for (;;) {
    const slot = atomic.add<i32>(control, 1, NEXT);
    if (slot >= end) return;
    addRow(slot);
  }
}

/**
 * Adds a row. If the row was added before, its links are chosen anew, and those of other rows stay.
 */
export function addRow(slot: i32): void {
  const level = <i32>load<u8>(levels + slot);
  widen(rowOf(slot), rowBytes, query);
  const top = atomic.load<i64>(control, ENTRY);
  if (level <= levelOf(top)) link(slot, level, top);
  else raise(slot, level);
}

/** Adds a row that may become the entry, such as the first row. One thread at a time does this. */
function raise(slot: i32, level: i32): void {
  lock(control + RAISING);
  const top = atomic.load<i64>(control, ENTRY);
  if (top >= 0) link(slot, level, top);
  if (level > levelOf(top)) atomic.store<i64>(control, scored(level, slot), ENTRY);
  unlock(control + RAISING);
}

/** Writes the rows nearest to a row to `best`, and returns their number, which is at most ef. */
export function near(slot: i32): i32 {
  widen(rowOf(slot), rowBytes, query);
  const top = atomic.load<i64>(control, ENTRY);
  return searchLayer(descend(top, 0), 0);
}

/** Links a row on every layer that it shares with the graph. */
function link(slot: i32, level: i32, top: i64): void {
  const first = min(level, levelOf(top));
  let nearest = descend(top, first);
  for (let layer = first; layer >= 0; layer -= 1) {
    const found = searchLayer(nearest, layer);
    nearest = slotOf(entry(best, 0));
    choose(slot, layer, found);
  }
  for (let layer = 0; layer <= first; layer += 1) {
    const list = chosenOn(layer);
    const count = <i32>entry(list, -1);
    for (let index = 0; index < count; index += 1) {
      const own = entry(list, index);
      addLink(slotOf(own), layer, slot, scoreOf(own));
    }
  }
}

/** Goes from the entry through the upper layers, and returns the nearest slot for layer `end`. */
function descend(top: i64, end: i32): i32 {
  let nearest = <i32>top;
  for (let layer = levelOf(top); layer > end; layer -= 1) nearest = nearestFrom(nearest, layer);
  return nearest;
}

/**
 * Chooses the links of a row among the best rows that were found. Only this thread follows these
 * links so far.
 */
function choose(slot: i32, layer: i32, found: i32): void {
  let count = 0;
  for (let index = 0; index < found; index += 1) {
    const own = entry(best, index);
    if (slotOf(own) === slot) continue;
    setEntry(best, count, own);
    count += 1;
  }
  const isChoice = count >= connectivity;
  if (isChoice) count = keepDiverse(best, count, connectivity);
  const list = chosenOn(layer);
  setEntry(list, -1, count);
  for (let index = 0; index < count; index += 1) setEntry(list, index, entry(best, index));
  setLinks(slot, layer, list, count, isChoice);
}

function chosenOn(layer: i32): usize {
  return chosen + 8 + <usize>layer * ((<usize>(connectivity + 1)) << 3);
}

/** Returns the level of an entry; −1 where there is no entry. */
function levelOf(top: i64): i32 {
  return <i32>(top >> 32);
}
