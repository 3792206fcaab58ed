import type { PartGroup } from '../../core/compaction/plan-compaction.js';

/**
 * Joins parts of a version that is too small to be compacted: two or three neighbours at a time, of
 * which every third group is followed by a part that stays as it is.
 */
export function eagerPlan({ length }: ArrayLike<unknown>): PartGroup[] {
  const groups: PartGroup[] = [];
  for (let from = 0; from + 1 < length; ) {
    const to = Math.min(length, from + 2 + (groups.length % 2));
    groups.push({ from, to });
    from = groups.length % 3 === 0 ? to + 1 : to;
  }
  return groups;
}
