/** The parts `[from, to)` of a version, by their places, whose live rows are joined. */
export interface PartGroup {
  from: number;
  to: number;
}

/** The facts about a part that decide whether it is joined with its neighbours. */
export interface PartFill {
  /** The share of a full part that its live rows are. */
  fill: number;
  /** The number of times that rows of it were moved already, at most. */
  moves: number;
}

/** Chooses which neighbours are joined, by their places. */
export type CompactionPlan = (parts: readonly PartFill[]) => readonly PartGroup[];

/** A part that is less full is small: it is joined with others because it always was. */
const SMALL = 0.35;
/** A part that is fuller is joined with another only where nothing else helps. */
const FULL = 0.7;

/** For each full part that the live rows would make, and beside that. */
interface Allowance {
  share: number;
  more: number;
}

/** A version may have as many small parts. */
const SMALL_PARTS: Allowance = { share: 0.05, more: 16 };
/** A version may have as many other parts. */
const OTHER_PARTS: Allowance = { share: 1.37, more: 3 };

/** A group has at most this many parts, and makes at most about this many full ones. */
const MAX_GROUP_PARTS = 1024;
const MAX_GROUP_FILL = 8;

/** A group, and the number of parts that joining it saves for each full part that is moved. */
interface RatedGroup extends PartGroup {
  saved: number;
  rate: number;
}

/**
 * Returns the groups of neighbours whose live rows a version joins, in ascending order. `parts` are
 * in the order of row keys. Nothing is joined as long as the parts are few enough.
 */
export function planCompaction(parts: readonly PartFill[]): PartGroup[] {
  const full = parts.reduce((sum, { fill }) => sum + fill, 0);
  const small = parts.filter(({ fill }) => fill <= SMALL).length;
  const [mostSmall, mostOthers] = [allowed(SMALL_PARTS, full), allowed(OTHER_PARTS, full)];
  const groups: RatedGroup[] = small > mostSmall ? smallGroups(parts, small - mostSmall) : [];
  const taken = new Uint8Array(parts.length);
  for (const { from, to } of groups) taken.fill(1, from, to);
  const join = (tooMany: number, fullest: number) => {
    for (let left = tooMany; left > 0; ) {
      const chosen = best(mixedGroups(parts, { taken, fullest }), left);
      if (chosen.length === 0) return;
      for (const group of chosen) {
        taken.fill(1, group.from, group.to);
        groups.push(group);
        left -= group.saved;
      }
    }
  };
  // What a group of small parts makes is no longer small, but for its last part.
  const grown = groups.reduce((sum, { from, to, saved }) => sum + to - from - saved - 1, 0);
  join(parts.length - small + grown - mostOthers, FULL);
  // Small parts between full ones are left.
  const saved = groups.reduce((sum, group) => sum + group.saved, 0);
  join(parts.length - saved - mostSmall - mostOthers, 1);
  return groups.map(({ from, to }) => ({ from, to })).sort((a, b) => a.from - b.from);
}

function allowed({ share, more }: Allowance, full: number): number {
  return Math.floor(share * full) + more;
}

/**
 * Small parts are joined with those that were moved as often, so that each row is moved a few times
 * until its part is full: parts that were moved more often are left alone as long as joining the
 * others saves enough.
 */
function smallGroups(parts: readonly PartFill[], tooMany: number): RatedGroup[] {
  const most = parts.reduce((max, { fill, moves }) => (fill <= SMALL ? Math.max(max, moves) : max), 0);
  for (let moves = 0; ; moves += 1) {
    const runs = smallRuns(parts, moves);
    const saved = runs.reduce((sum, run) => sum + run.saved, 0);
    if (saved >= tooMany || moves === most) return best(runs, tooMany);
  }
}

/** Returns the runs of small parts of which none was moved more than `moves` times. */
function smallRuns(parts: readonly PartFill[], moves: number): RatedGroup[] {
  const runs: RatedGroup[] = [];
  let [from, fill] = [0, 0];
  const close = (to: number) => {
    const run = rated({ from, to }, fill);
    if (run) runs.push(run);
    [from, fill] = [to, 0];
  };
  for (const [place, part] of parts.entries()) {
    if (part.fill > SMALL || part.moves > moves) {
      close(place);
      from = place + 1;
      continue;
    }
    if (fill + part.fill > MAX_GROUP_FILL || place - from === MAX_GROUP_PARTS) close(place);
    fill += part.fill;
  }
  close(parts.length);
  return runs;
}

/**
 * Returns for each part the best group of parts that are not taken and not fuller than `fullest`
 * which begins with it, if any saves a part.
 */
function mixedGroups(
  parts: readonly PartFill[],
  { taken, fullest }: { taken: Uint8Array; fullest: number },
): RatedGroup[] {
  const groups: RatedGroup[] = [];
  for (let from = 0; from < parts.length; from += 1) {
    let bestGroup: RatedGroup | undefined;
    let fill = 0;
    for (let to = from + 1; to <= parts.length; to += 1) {
      const own = parts[to - 1]!.fill;
      if (taken[to - 1] === 1 || own > fullest) break;
      fill += own;
      if (fill > MAX_GROUP_FILL) break;
      const group = rated({ from, to }, fill);
      if (group && (!bestGroup || group.rate > bestGroup.rate)) bestGroup = group;
    }
    if (bestGroup) groups.push(bestGroup);
  }
  return groups;
}

function rated({ from, to }: PartGroup, fill: number): RatedGroup | undefined {
  const saved = to - from - Math.ceil(fill);
  return saved > 0 ? { from, to, saved, rate: saved / fill } : undefined;
}

/** Returns the best groups that have no part in common, until they save enough. */
function best(groups: readonly RatedGroup[], tooMany: number): RatedGroup[] {
  const chosen: RatedGroup[] = [];
  const taken = new Set<number>();
  let left = tooMany;
  for (const group of [...groups].sort((a, b) => b.rate - a.rate || a.from - b.from)) {
    if (left <= 0) break;
    const places = Array.from({ length: group.to - group.from }, (_, at) => group.from + at);
    if (places.some((place) => taken.has(place))) continue;
    for (const place of places) taken.add(place);
    chosen.push(group);
    left -= group.saved;
  }
  return chosen;
}
