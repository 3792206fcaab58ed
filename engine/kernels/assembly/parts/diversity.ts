import { product } from './product';
import { entry, OPEN, scoreOf, setEntry, slotOf } from './scored';
import { rowBytes, rowOf } from './visits';

/**
 * Chooses links as HNSW does (algorithm 4 of Malkov and Yashunin, https://arxiv.org/abs/1603.09320,
 * in the form of usearch and hnswlib). `list` has `count` entries, best first. An entry is kept if
 * it is at least as near to the row whose links these are as to every entry that was kept before,
 * until `most` are kept. The kept entries are moved to the front of the list, and their number is
 * returned. Two entries that are both not open are known not to exclude each other.
 */
export function keepDiverse(list: usize, count: i32, most: i32): i32 {
  let kept = 0;
  for (let index = 0; index < count && kept < most; index += 1) {
    const own = entry(list, index);
    if (excluded(own, list, kept)) continue;
    setEntry(list, kept, own);
    kept += 1;
  }
  return kept;
}

function excluded(own: i64, list: usize, kept: i32): bool {
  const row = rowOf(slotOf(own));
  for (let index = 0; index < kept; index += 1) {
    const rival = entry(list, index);
    if (((own | rival) & OPEN) === 0) continue;
    if (product(row, rowOf(slotOf(rival)), rowBytes) > scoreOf(own)) return true;
  }
  return false;
}
