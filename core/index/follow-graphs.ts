/** A graph of the parent version's index, and how many of its rows live in the version at hand. */
export interface FollowedGraph {
  rows: number;
  liveRows: number;
}

/** The limits by which an index follows its parent's. */
export interface FollowLimits {
  /** Returns how many rows a query may be compared with beside graphs of this many rows. */
  comparedRows(graphRows: number): number;
  /** The greatest number of rows of one graph. */
  shardRows: number;
}

/** The decision by which an index follows its parent's. */
export interface FollowDecision {
  /** The places of the graphs that are searched on. */
  kept: readonly number[];
  /**
   * Whether the rows that are in none of these graphs are compared with each query. If not, graphs
   * are built of them.
   */
  comparesOthers: boolean;
}

/** A graph of which a greater share of rows is dead is not searched on. */
export const LARGEST_DEAD_SHARE = 0.2;

/** Returns whether enough rows of a graph live for it to be searched on. */
export function isLiveEnough({ rows, liveRows }: FollowedGraph): boolean {
  return liveRows > 0 && rows - liveRows <= LARGEST_DEAD_SHARE * rows;
}

/**
 * Decides which graphs of the parent's index are searched on, and whether new ones are built.
 * `newRows` is the number of rows that are in none of the graphs. The rows of graphs that are given
 * up join them. New graphs are built once there are more such rows than may be compared. They then
 * take in the graphs that are at most twice as large, so that each graph is more than twice as
 * large as the next, and a row is built into a graph a few times at most.
 */
export function followGraphs(
  graphs: readonly FollowedGraph[],
  newRows: number,
  { comparedRows, shardRows }: FollowLimits,
): FollowDecision {
  const places = [...graphs.keys()];
  const kept = new Set(places.filter((place) => isLiveEnough(graphs[place]!)));
  const rowsOf = (place: number) => graphs[place]!.liveRows;
  let others = newRows;
  let graphRows = 0;
  for (const place of places) {
    if (kept.has(place)) graphRows += rowsOf(place);
    else others += rowsOf(place);
  }
  if (kept.size > 0 && others <= comparedRows(graphRows)) return { kept: [...kept], comparesOthers: true };
  for (const place of [...kept].sort((a, b) => rowsOf(a) - rowsOf(b))) {
    if (rowsOf(place) > 2 * others || rowsOf(place) + others > shardRows) break;
    kept.delete(place);
    others += rowsOf(place);
  }
  return { kept: [...kept], comparesOthers: false };
}
