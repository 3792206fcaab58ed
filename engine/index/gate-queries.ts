import type { PartFileRef } from '../../core/commit.js';
import { IdSample } from '../../core/id-sample.js';
import type { IndexLayout } from '../../core/index/index-layout.js';
import type { HnswParameters } from '../../core/index/index-options.js';
import {
  KNOWN_NEIGHBOURS,
  knownAfterChange,
  knownAfterSearch,
  knowsNearest,
} from '../../core/index/known-neighbours.js';
import type { Neighbour } from '../../core/index/neighbour.js';
import type { LivePart } from '../../core/version-parts.js';
import { throwIfStopped } from '../concurrency/stop.js';
import { sha256 } from '../files/hash.js';
import { type GateQuery, readGateQueryFile, writeGateQueryFile } from '../parquet/gate-query-file.js';
import type { ObjectStore } from '../store/object-store.js';
import { createOnce } from '../version/create-once.js';
import { readListedFile } from '../version/read-listed-file.js';
import type { ReadableVersion } from '../version/resolve-version.js';
import { unlessDamaged } from '../version/unless-damaged.js';
import { type ExactSearch, searchExactly } from './exact-search.js';
import type { FollowedIndex } from './follow-parent.js';
import { IndexWorker } from './index-worker.js';
import { readVectors, type VersionVectors } from './version-vectors.js';

/** The number of rows that are drawn as queries. */
export const GATE_QUERIES = 300;

/** The number of neighbours by which recall is measured, and what the queries are compared with. */
export interface GateSearch {
  vectors: VersionVectors;
  graph: HnswParameters;
  k: number;
}

export interface GateRun {
  signal: AbortSignal;
  /**
   * Is called with the number of parts that queries have been compared with, and the number of all.
   */
  onFile(done: number, total: number): void;
}

/**
 * Draws rows of the version as queries, by their chunk ids, so that another order of the same rows
 * gives the same queries, and compares them with all rows.
 */
export async function drawGateQueries(
  version: ReadableVersion,
  search: GateSearch,
  run: GateRun,
): Promise<GateQuery[]> {
  const { dimensions } = search.graph;
  const sample = new IdSample<Pick<GateQuery, 'own' | 'vector'>>(GATE_QUERIES);
  for (const part of version.parts) {
    throwIfStopped(run.signal);
    const { rowKeys, chunkIds, vectors: rows } = await search.vectors.read(part);
    for (const [row, id] of chunkIds.entries())
      sample.offer(id, () => ({
        own: rowKeys[row]!,
        vector: rows.slice(row * dimensions, (row + 1) * dimensions),
      }));
  }
  return compareWithAll(version, sample.items(), search, run);
}

/**
 * Returns the queries of the parent's index whose rows live on, with their neighbours in the
 * version. They are compared with the rows that the parent's index did not have. All rows are read
 * only for queries of whose neighbours too many have died. Undefined where fewer than half as many
 * queries live as would be drawn, or where their file is damaged.
 */
export async function followGateQueries(
  version: ReadableVersion,
  { manifest, added }: Pick<FollowedIndex, 'manifest' | 'added'>,
  search: GateSearch,
  run: GateRun,
): Promise<GateQuery[] | undefined> {
  const { store, parts } = version;
  const { graph, k } = search;
  const lives = (key: bigint) => parts.rowOf(key) !== undefined && added.rowOf(key) === undefined;
  const all = await readGateQueries(store, manifest.gateQueries, graph.dimensions);
  const queries = (all ?? []).filter(({ own }) => lives(own));
  if (2 * queries.length < Math.min(GATE_QUERIES, parts.rows)) return undefined;
  const read = (part: LivePart) => {
    throwIfStopped(run.signal);
    return readVectors(version, part);
  };
  const near = await nearestIn({ parts: added, read }, queries, graph, KNOWN_NEIGHBOURS);
  const followed = queries.map(
    ({ known, ...query }, place): GateQuery => ({
      ...query,
      known: knownAfterChange(known, lives, near[place]!),
    }),
  );
  const unsure = followed.filter(({ known }) => !knowsNearest(known, k));
  if (unsure.length === 0) return followed;
  const compared = await compareWithAll(version, unsure, search, run);
  const byKey = new Map(compared.map((query) => [query.own, query]));
  return followed.map((query) => byKey.get(query.own) ?? query);
}

/** Writes queries under the hash of their bytes. */
export async function writeGateQueries(
  store: ObjectStore,
  layout: IndexLayout,
  queries: readonly GateQuery[],
  dimensions: number,
): Promise<PartFileRef> {
  const bytes = writeGateQueryFile(queries, dimensions, {});
  const hash = sha256(bytes);
  const key = layout.gateQueries(hash);
  await createOnce(store, key, bytes);
  return { key, sha256: hash, bytes: bytes.length };
}

/** Returns the vectors of queries as row-major `[queries, dimensions]`. */
export function matrixOf(
  queries: readonly Pick<GateQuery, 'vector'>[],
  dimensions: number,
): Float32Array<ArrayBuffer> {
  const matrix = new Float32Array(queries.length * dimensions);
  for (const [index, { vector }] of queries.entries()) matrix.set(vector, index * dimensions);
  return matrix;
}

async function readGateQueries(
  store: ObjectStore,
  file: PartFileRef | null,
  dimensions: number,
): Promise<GateQuery[] | undefined> {
  if (file === null) return undefined;
  return unlessDamaged(async () =>
    readGateQueryFile(await readListedFile(store, file), `${store.root}/${file.key}`, dimensions),
  );
}

async function compareWithAll(
  { parts }: ReadableVersion,
  queries: readonly Pick<GateQuery, 'own' | 'vector'>[],
  { vectors, graph }: GateSearch,
  { signal, onFile }: GateRun,
): Promise<GateQuery[]> {
  const read = (part: LivePart) => {
    throwIfStopped(signal);
    return vectors.read(part);
  };
  const onPart = (done: number) => onFile(done, parts.length);
  const lists = await nearestIn({ parts, read, onPart }, queries, graph, KNOWN_NEIGHBOURS + 1);
  return queries.map(({ own, vector }, place) => {
    const others = lists[place]!.filter(({ rowKey }) => rowKey !== own);
    return { own, vector, known: knownAfterSearch(others, parts.rows - 1) };
  });
}

async function nearestIn(
  rows: Omit<ExactSearch, 'worker'>,
  queries: readonly Pick<GateQuery, 'vector'>[],
  graph: HnswParameters,
  k: number,
): Promise<Neighbour[][]> {
  const worker = new IndexWorker();
  try {
    return await searchExactly({ ...rows, worker }, matrixOf(queries, graph.dimensions), graph, k);
  } finally {
    await worker.close();
  }
}
