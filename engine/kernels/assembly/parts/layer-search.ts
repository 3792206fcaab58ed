/**
 * The search of a build for one row on one layer. It knows the row that it searches for, and where
 * lists are.
 */
import { capacityOf, linksOf } from './lists';
import { productsWithWide, productWithWide } from './product';
import { entry, OPEN, scored, scoreOf, setEntry, slotOf } from './scored';
import { beginSearch, readAhead, rowBytes, rowOf, unseenAt } from './visits';

/** ef: the number of entries that are kept. */
export let expansion: i32 = 0;
/** The numbers of the row that is searched for, as i16. */
export let query: usize = 0;
/**
 * Space for ef entries: the best so far, best first. The search still has to expand those that are
 * open. In a list of some hundred entries, moving entries up takes a third of the time that two
 * heaps take.
 */
export let best: usize = 0;

/**
 * Returns the slot on a layer that is nearest to the row that is searched for, found by going to a
 * nearer neighbour as long as there is one.
 */
export function nearestFrom(start: i32, layer: i32): i32 {
  let nearest = start;
  let score = productWithWide(rowOf(start), query, rowBytes);
  for (let before = -1; before !== nearest; ) {
    before = nearest;
    beginSearch(nearest);
    const fresh = readAhead(linksOf(nearest, layer), capacityOf(layer));
    for (let index = 0; index < fresh; index += 1) {
      const own = productWithWide(rowOf(unseenAt(index)), query, rowBytes);
      if (own <= score) continue;
      score = own;
      nearest = unseenAt(index);
    }
  }
  return nearest;
}

/**
 * Writes the best rows of a layer that a search of `expansion` reaches from `start` to `best`, all
 * open, and returns their number.
 */
export function searchLayer(start: i32, layer: i32): i32 {
  beginSearch(start);
  setEntry(best, 0, scored(productWithWide(rowOf(start), query, rowBytes), start) | OPEN);
  let found = 1;
  let first = 0;
  while (first < found) {
    const next = entry(best, first);
    setEntry(best, first, next & ~OPEN);
    first += 1;
    if ((next & OPEN) === 0) continue;
    const fresh = readAhead(linksOf(slotOf(next), layer), capacityOf(layer));
    for (let index = 0; index + 1 < fresh; index += 2) {
      const one = unseenAt(index);
      const two = unseenAt(index + 1);
      const both = productsWithWide(rowOf(one), rowOf(two), query, rowBytes);
      first = min(first, take(scored(<i32>both, one), found));
      found = min(found + 1, expansion);
      first = min(first, take(scored(<i32>(both >> 32), two), found));
      found = min(found + 1, expansion);
    }
    if (fresh & 1) {
      const last = unseenAt(fresh - 1);
      first = min(first, take(scored(productWithWide(rowOf(last), query, rowBytes), last), found));
      found = min(found + 1, expansion);
    }
  }
  for (let index = 0; index < found; index += 1) setEntry(best, index, entry(best, index) | OPEN);
  return found;
}

/**
 * Puts an entry among the best, unless all `expansion` entries are better. Returns its place, or
 * `found` if it has none.
 */
function take(own: i64, found: i32): i32 {
  let at = found;
  if (found === expansion) {
    at -= 1;
    if (scoreOf(own) <= scoreOf(entry(best, at))) return found;
  }
  for (; at > 0; at -= 1) {
    const before = entry(best, at - 1);
    if (before >= own) break;
    setEntry(best, at, before);
  }
  setEntry(best, at, own | OPEN);
  return at;
}
