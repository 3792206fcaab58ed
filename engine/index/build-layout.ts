import type { HnswParameters } from '../../core/index/index-options.js';
import { seededRandom } from '../../core/seeded-random.js';
import { aligned, layOut } from '../kernels/instantiate.js';

/** The greatest number of threads that build one graph. */
export const MAX_THREADS = 64;
/** The greatest number of layers above the lowest on which a row may be. */
export const MAX_LEVELS = 15;

/** The regions of memory that each thread of a build has for itself. */
const OWN = ['seen', 'query', 'unseen', 'best', 'pool', 'chosen'] as const;
/**
 * The regions of memory that all threads of a build share, by their names in the kernel. `claimed`
 * holds the number of threads that have taken a place.
 */
const SHARED = [
  'claimed',
  'control',
  'levels',
  'upperLists',
  'heads',
  'upperHeads',
  'links',
  'scores',
  'upperLinks',
  'upperScores',
  'vectors',
] as const;

/**
 * The places where a build keeps everything, in bytes from the start of the memory. `own[thread]`
 * has the regions of one thread.
 */
export interface BuildLayout {
  shared: Readonly<Record<(typeof SHARED)[number], number>>;
  own: readonly Readonly<Record<(typeof OWN)[number], number>>[];
  end: number;
}

type Size = 'rows' | 'rowBytes' | 'connectivity' | 'expansion';
type Place = Exclude<(typeof SHARED)[number], 'claimed'> | (typeof OWN)[number];

/** The values that a kernel instance gets, by their names in kernels/assembly/hnsw-build.ts. */
export type BuildValues = Readonly<Record<Place | Size, number>>;

/** The number of rows, and the number of lists of links that they have on upper layers in total. */
export interface BuildSize {
  rows: number;
  upperLists: number;
}

/** Lays out the memory of a build as kernels/assembly/hnsw-build.ts and its parts describe it. */
export function layOutBuild(
  { dimensions, connectivity, expansionAdd }: HnswParameters,
  { rows, upperLists }: BuildSize,
  threads: number,
): BuildLayout {
  const sizes = {
    seen: rows,
    query: 2 * aligned(dimensions),
    unseen: 4 * 2 * connectivity,
    best: 8 * expansionAdd,
    pool: 8 * (2 * connectivity + 1),
    chosen: 8 * (connectivity + 1) * (MAX_LEVELS + 1),
  };
  const parts: Record<string, number> = {};
  for (let thread = 0; thread < threads; thread += 1)
    for (const name of OWN) parts[ownName(name, thread)] = sizes[name];
  const { places, end } = layOut({
    ...parts,
    claimed: 4,
    control: 16,
    levels: rows,
    upperLists: 4 * rows,
    heads: 8 * rows,
    upperHeads: 8 * upperLists,
    links: 4 * 2 * connectivity * rows,
    scores: 4 * 2 * connectivity * rows,
    upperLinks: 4 * connectivity * upperLists,
    upperScores: 4 * connectivity * upperLists,
    vectors: aligned(dimensions) * rows,
  });
  const pick = <Name extends string>(names: readonly Name[], placeName: (name: Name) => string) =>
    Object.fromEntries(names.map((name) => [name, places[placeName(name) as keyof typeof places]])) as Record<
      Name,
      number
    >;
  return {
    shared: pick(SHARED, (name) => name),
    own: Array.from({ length: threads }, (_, thread) => pick(OWN, (name) => ownName(name, thread))),
    end,
  };
}

/** Returns the values that each thread's kernel instance gets, one entry a thread. */
export function buildValues(
  { shared, own }: BuildLayout,
  { dimensions, connectivity, expansionAdd }: HnswParameters,
  { rows }: BuildSize,
): BuildValues[] {
  const { claimed: _, ...places } = shared;
  const sizes = { rows, rowBytes: aligned(dimensions), connectivity, expansion: expansionAdd };
  return own.map((ownPlaces) => ({ ...places, ...ownPlaces, ...sizes }));
}

function ownName(name: string, thread: number): string {
  return `${name} of ${thread}`;
}

const SEED = 1;

/**
 * Draws the topmost layer of each of `rows` rows, which is the same each time. With M links a row,
 * one row in M is on the first layer above the lowest, and one in M² on the second (section 4.1 of
 * https://arxiv.org/abs/1603.09320).
 */
export function drawLevels(rows: number, connectivity: number): Uint8Array {
  const random = seededRandom(SEED, connectivity);
  const scale = 1 / Math.log(connectivity);
  return Uint8Array.from({ length: rows }, () =>
    Math.min(MAX_LEVELS, Math.floor(-Math.log(1 - random()) * scale)),
  );
}
