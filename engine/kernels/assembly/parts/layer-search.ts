/** The search that a build does for every row and layer; it knows the row that it searches for, and where lists are. */
import { capacityOf, linksOf } from './lists';
import { productsWithWide, productWithWide } from './product';
import { entry, OPEN, scored, scoreOf, setEntry, slotOf } from './scored';
import { beginSearch, readAhead, rowBytes, rowOf, unseenAt } from './visits';

/** ef: entries that are kept. */
export let expansion: i32 = 0;
/** The numbers of what is searched for, as i16. */
export let query: usize = 0;
/**
 * Room for ef entries: the best so far, best first. Those that are open have neighbours that are still to be looked at. In a list
 * of some hundred, moving entries up costs a third of what two heaps do.
 */
export let best: usize = 0;

/** The slot nearest to what is searched for, going from neighbour to nearer neighbour of a layer. */
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

/** Puts the best rows of a layer that `expansion` reaches from `start` at `best`, all open, and returns their number. */
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

/** Takes an entry among the best unless all `expansion` are better, and says where: `found` if nowhere. */
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
