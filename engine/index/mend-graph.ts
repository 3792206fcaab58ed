import type { Attachment } from './attached-rows.js';
import type { GrowingGraph } from './growing-graph.js';

/** The number of times that the rows that are not equal to another row are added again. */
const ROUNDS = 3;
/**
 * If at most this many rows are unreachable, all are added again at once, without a search for
 * equal vectors first.
 */
const FEW_ROWS = 200;
/** The number of near rows that are looked through for one that can be reached. */
const NEAR = 16;
/**
 * The number of rows that are looked up together. The fewer groups there are, the fewer times files
 * are read again.
 */
const GROUP_ROWS = 20_000;

/** The vectors `[keys, dimensions]` of these rows, in the order of the keys, which ascend. */
export type VectorsOf = (keys: BigUint64Array) => Promise<Float32Array>;

/**
 * Makes sure that a search can find every row. Threads that add rows side by side may lose some; in
 * usearch, this happens when a row meets another that has no links of its own yet. Lost rows are
 * added again, one after the other. HNSW links only a few of many equal vectors. The others are
 * returned, each attached to the nearest row that a search finds.
 *
 * The lists of many equal rows may be full of one another. If every search begins at one of them,
 * no path leads from it to the other rows. Which lists are full depends on the order in which
 * threads add rows. All other rows are then attached to equal rows, and a search takes them for as
 * near as those. The gate measures such a graph before it is published.
 */
export async function mendGraph(graph: GrowingGraph, vectorsOf: VectorsOf): Promise<readonly Attachment[]> {
  const attachments = new Map<bigint, Attachment>();
  let lost = await graph.unreachable();
  for (let round = 0; round < ROUNDS && lost.length > 0; round += 1) {
    const hosted = lost.length > FEW_ROWS ? await findHosts(graph, vectorsOf, lost) : [];
    for (const { row, host, isEqual } of hosted) if (isEqual) attachments.set(row, { row, host });
    const again = lost.filter((row) => !attachments.has(row));
    lost = again;
    if (again.length === 0) break;
    for (const keys of groups(again)) await graph.reinsert(keys.slice(), await vectorsOf(keys));
    const unreachable = await graph.unreachable();
    lost = unreachable.filter((row) => !attachments.has(row));
    if (lost.length > again.length / 2) break;
  }
  for (const { row, host } of await findHosts(graph, vectorsOf, lost)) attachments.set(row, { row, host });
  return [...attachments.values()].sort((a, b) => (a.row < b.row ? -1 : 1));
}

/**
 * Finds, for each of these rows, the nearest other row that a search finds, and says whether it has
 * the same vector.
 */
async function findHosts(
  graph: GrowingGraph,
  vectorsOf: VectorsOf,
  lost: BigUint64Array,
): Promise<(Attachment & { isEqual: boolean })[]> {
  const out = new Set(lost);
  const hosted = [];
  for (const keys of groups(lost)) {
    const vectors = await vectorsOf(keys);
    const width = vectors.length / keys.length;
    const lists = await graph.nearest(keys, vectors.slice(), NEAR);
    const hosts = lists.map(
      (found, index) => found.find((key) => !out.has(key)) ?? found.find((key) => key !== keys[index]),
    );
    const distinct = BigUint64Array.from(new Set(hosts.filter((host) => host !== undefined))).sort();
    const theirs = await vectorsOf(distinct);
    const placeOf = new Map(Array.from(distinct, (key, place) => [key, place * width]));
    for (const [index, host] of hosts.entries()) {
      if (host === undefined) continue;
      const start = placeOf.get(host)!;
      const own = vectors.subarray(index * width, (index + 1) * width);
      const isEqual = own.every((value, at) => value === theirs[start + at]);
      hosted.push({ row: keys[index]!, host, isEqual });
    }
  }
  return hosted;
}

function* groups(keys: BigUint64Array): Generator<BigUint64Array> {
  for (let at = 0; at < keys.length; at += GROUP_ROWS) yield keys.slice(at, at + GROUP_ROWS);
}
