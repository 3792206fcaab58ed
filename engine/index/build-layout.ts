import type { GraphParameters } from '../../core/index/index-options.js';
import { seededRandom } from '../../core/seeded-random.js';
import { aligned, layOut } from '../kernels/instantiate.js';

/** More do not build one graph. */
export const MAX_THREADS = 64;
/** Layers above the lowest that a row is on, at most. */
export const MAX_LEVELS = 15;

/** What each thread of a build has for itself. */
const OWN = ['seen', 'query', 'unseen', 'best', 'pool', 'chosen'] as const;
/** What all threads of a build share, by the names that the kernel has for it; `claimed` is how many threads have a place. */
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

/** Where a build keeps everything, in bytes from the start of the memory; `own[thread]` is what one thread has for itself. */
export interface BuildLayout {
  shared: Readonly<Record<(typeof SHARED)[number], number>>;
  own: readonly Readonly<Record<(typeof OWN)[number], number>>[];
  end: number;
}

type Size = 'rows' | 'rowBytes' | 'connectivity' | 'expansion';
type Place = Exclude<(typeof SHARED)[number], 'claimed'> | (typeof OWN)[number];

/** What a kernel instance is told, by the names of kernels/assembly/graph-build.ts. */
export type BuildValues = Readonly<Record<Place | Size, number>>;

/** How many rows there are, and how many lists of links they have on upper layers. */
export interface BuildSize {
  rows: number;
  upperLists: number;
}

/** Lays out the memory of a build as kernels/assembly/graph-build.ts and its parts describe it. */
export function layOutBuild(
  { dimensions, connectivity, expansionAdd }: GraphParameters,
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

/** What the instance of each thread is told. */
export function buildValues(
  { shared, own }: BuildLayout,
  { dimensions, connectivity, expansionAdd }: GraphParameters,
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
 * The topmost layer of each of so many rows, the same each time: with M links a row, one row in M is on the first layer above the
 * lowest, one in M² on the second (section 4.1 of https://arxiv.org/abs/1603.09320).
 */
export function drawLevels(rows: number, connectivity: number): Uint8Array {
  const random = seededRandom(SEED, connectivity);
  const scale = 1 / Math.log(connectivity);
  return Uint8Array.from({ length: rows }, () =>
    Math.min(MAX_LEVELS, Math.floor(-Math.log(1 - random()) * scale)),
  );
}
