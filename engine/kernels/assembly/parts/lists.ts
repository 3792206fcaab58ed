/**
 * The lists of links of a growing graph: one of 2M slots for each row on the lowest layer, and one
 * of M on each upper layer of the row. A negative slot ends a list that is not full. A list can
 * thus be read while another thread appends to it or writes it anew, and every slot in it is a row
 * of this layer. Beside it lie the scores of its links, and a head with a lock (i32), the number of
 * links and the number of settled ones (u16 each).
 *
 * Settled links come first, best first. No two of them exclude each other (`keepDiverse`), which
 * therefore need not be computed again.
 */
import { keepDiverse } from './diversity';
import { lock, unlock } from './lock';
import { entry, OPEN, scored, scoreOf, setEntry, slotOf } from './scored';
import { touchRow } from './visits';

/** M: the greatest number of links in a list on an upper layer. */
export let connectivity: i32 = 0;
export let links: usize = 0;
export let scores: usize = 0;
export let heads: usize = 0;
/** The number of a row's first list on upper layers, i32. The list of the next layer follows it. */
export let upperLists: usize = 0;
export let upperLinks: usize = 0;
export let upperScores: usize = 0;
export let upperHeads: usize = 0;
/** Space for the entries of a list and one more. */
export let pool: usize = 0;

const COUNT: usize = 4;
const SETTLED: usize = 6;
const HEAD_SHIFT: usize = 3;

export function capacityOf(layer: i32): i32 {
  return layer === 0 ? 2 * connectivity : connectivity;
}

export function linksOf(slot: i32, layer: i32): usize {
  return (layer === 0 ? links : upperLinks) + placeOf(slot, layer);
}

/**
 * Writes a row's own links, which are sorted, best first. `settled` says whether they are settled.
 */
export function setLinks(slot: i32, layer: i32, list: usize, count: i32, settled: bool): void {
  const head = headOf(slot, layer);
  lock(head);
  write(slot, layer, list, count, settled ? count : 0);
  unlock(head);
}

/**
 * Links a row to another. If the list is full, the diverse choice (`keepDiverse`) among all its
 * links and the new one is kept.
 */
export function addLink(slot: i32, layer: i32, other: i32, score: i32): void {
  const head = headOf(slot, layer);
  const own = linksOf(slot, layer);
  lock(head);
  const count = <i32>load<u16>(head, COUNT);
  if (!holds(own, count, other)) {
    if (count < capacityOf(layer)) {
      store<i32>((layer === 0 ? scores : upperScores) + placeOf(slot, layer) + ((<usize>count) << 2), score);
      atomic.store<i32>(own + ((<usize>count) << 2), other);
      store<u16>(head, <u16>(count + 1), COUNT);
    } else {
      readPool(slot, layer, count, <i32>load<u16>(head, SETTLED));
      sortInto(count, scored(score, other) | OPEN);
      const kept = keepDiverse(pool, count + 1, count);
      write(slot, layer, pool, kept, kept);
    }
  }
  unlock(head);
}

/** Reads all links of a list into the pool, sorted. Those that are not settled are open. */
function readPool(slot: i32, layer: i32, count: i32, settled: i32): void {
  const own = linksOf(slot, layer);
  const ownScores = (layer === 0 ? scores : upperScores) + placeOf(slot, layer);
  for (let index = 0; index < count; index += 1) {
    const other = load<i32>(own + ((<usize>index) << 2));
    touchRow(other);
    const link = scored(load<i32>(ownScores + ((<usize>index) << 2)), other);
    sortInto(index, index < settled ? link : link | OPEN);
  }
}

function sortInto(size: i32, own: i64): void {
  let at = size;
  while (at > 0 && entry(pool, at - 1) < own) {
    setEntry(pool, at, entry(pool, at - 1));
    at -= 1;
  }
  setEntry(pool, at, own);
}

function write(slot: i32, layer: i32, list: usize, count: i32, settled: i32): void {
  const own = linksOf(slot, layer);
  const ownScores = (layer === 0 ? scores : upperScores) + placeOf(slot, layer);
  for (let index = 0; index < count; index += 1) {
    const link = entry(list, index);
    store<i32>(ownScores + ((<usize>index) << 2), scoreOf(link));
    atomic.store<i32>(own + ((<usize>index) << 2), slotOf(link));
  }
  const capacity = capacityOf(layer);
  for (let index = count; index < capacity; index += 1) store<i32>(own + ((<usize>index) << 2), -1);
  store<u16>(headOf(slot, layer), <u16>count, COUNT);
  store<u16>(headOf(slot, layer), <u16>settled, SETTLED);
}

function holds(list: usize, count: i32, slot: i32): bool {
  for (let index = 0; index < count; index += 1)
    if (load<i32>(list + ((<usize>index) << 2)) === slot) return true;
  return false;
}

/** Returns the bytes before a list, which are as many for links as for scores. */
function placeOf(slot: i32, layer: i32): usize {
  return listOf(slot, layer) * ((<usize>capacityOf(layer)) << 2);
}

function headOf(slot: i32, layer: i32): usize {
  return (layer === 0 ? heads : upperHeads) + (listOf(slot, layer) << HEAD_SHIFT);
}

function listOf(slot: i32, layer: i32): usize {
  return layer === 0 ? <usize>slot : <usize>(load<i32>(upperLists + ((<usize>slot) << 2)) + layer - 1);
}
