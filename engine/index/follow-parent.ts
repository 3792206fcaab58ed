import { canonicalJson } from '../../core/canonical-json.js';
import type { PartFileRef } from '../../core/commit.js';
import type { IndexRequest } from '../../core/index/choose-parameters.js';
import { type ChosenParameters, rowsBesideGraphs } from '../../core/index/choose-parameters.js';
import { followGraphs } from '../../core/index/follow-graphs.js';
import { indexLayout } from '../../core/index/index-layout.js';
import type { IndexGraph, IndexManifest } from '../../core/index/index-manifest.js';
import type { HnswParameters } from '../../core/index/index-options.js';
import { rowsBeside, rowsInVersion } from '../../core/listed-rows.js';
import type { VersionParts } from '../../core/version-parts.js';
import type { ReadableVersion } from '../version/resolve-version.js';
import { isDeleting } from '../version/tombstones.js';
import { unlessDamaged } from '../version/unless-damaged.js';
import { chooseBuilder } from './choose-builder.js';
import { readRowList } from './listed-rows.js';
import { localGraph } from './local-graph.js';
import { readIndexManifest } from './read-index-manifest.js';

/** The index of the parent version, and what of it is searched on. */
export interface FollowedIndex {
  manifest: IndexManifest;
  /** The graphs that are searched on, with the numbers of their rows that live. */
  graphs: readonly IndexGraph[];
  /** The rows of the version that are in none of these graphs. */
  others: VersionParts;
  /** Whether these are compared with each query. If not, graphs are built of them. */
  comparesOthers: boolean;
  /** The rows of the version that the parent's index did not have. */
  added: VersionParts;
}

/** An index that is wanted, and the graphs that may not be searched on, by their contents. */
export interface IndexToFollow {
  name: string;
  request: IndexRequest;
  chosen: ChosenParameters;
  unusable: ReadonlySet<string>;
}

/**
 * Returns what of the parent version's index of the same name can be searched on. Undefined where
 * there is no such index, where it was made by another request or has graphs of other parameters,
 * where its lists are damaged, or where no graph
 * can be searched on. Then the whole index is built. A graph is left out if its file is
 * gone or has another size, or if other code would build it now. Errors: those of the store.
 */
export async function followParent(
  version: ReadableVersion,
  { name, request, chosen, unusable }: IndexToFollow,
): Promise<FollowedIndex | undefined> {
  const { store, parts } = version;
  const manifest = chosen.kind === 'hnsw' ? await parentIndex(version, name) : undefined;
  if (
    manifest?.kind !== 'hnsw' ||
    canonicalJson(manifest.request) !== canonicalJson(request) ||
    canonicalJson(manifest.graph) !== canonicalJson(chosen.graph) ||
    manifest.source.fingerprint !== version.manifest.fingerprint
  )
    return undefined;
  const graphs: { graph: IndexGraph; living: VersionParts }[] = [];
  const indexed: VersionParts[] = [];
  for (const graph of manifest.shards) {
    const living = await livingRows(version, graph.rowList);
    if (!living) return undefined;
    indexed.push(living);
    const isUsable =
      !unusable.has(graph.content) &&
      graph.builder === chooseBuilder(chosen.graph, graph.rows) &&
      (await store.head(graph.key))?.size === graph.bytes;
    if (isUsable) graphs.push({ graph: { ...graph, liveRows: living.rows }, living });
  }
  if (manifest.delta) {
    const living = await livingRows(version, manifest.delta.rowList);
    if (!living) return undefined;
    indexed.push(living);
  }
  const inGraphs = graphs.reduce((sum, { living }) => sum + living.rows, 0);
  const { kept, comparesOthers } = followGraphs(
    graphs.map(({ graph }) => graph),
    parts.rows - inGraphs,
    {
      comparedRows: (graphRows) => rowsBesideGraphs(request, { ...chosen.graph, graphRows }),
      shardRows: chosen.shardRows,
    },
  );
  if (kept.length === 0) return undefined;
  const followed = kept.map((place) => graphs[place]!);
  return {
    manifest,
    graphs: followed.map(({ graph }) => graph),
    others: rowsBeside(
      parts,
      followed.map(({ living }) => living),
    ),
    comparesOthers,
    added: rowsBeside(parts, indexed),
  };
}

async function parentIndex(
  { store, manifest, location }: ReadableVersion,
  name: string,
): Promise<IndexManifest | undefined> {
  if (manifest.parent === null) return undefined;
  // The graphs of a version that is being deleted go, unless an index lists them by now.
  if (await isDeleting(store, location.dataset, manifest.parent)) return undefined;
  const { manifest: key } = indexLayout(location.dataset, manifest.parent, name);
  if (!(await store.head(key))) return undefined;
  return unlessDamaged(() => readIndexManifest(store, key));
}

async function livingRows(
  { store, parts }: ReadableVersion,
  list: PartFileRef | null,
): Promise<VersionParts | undefined> {
  if (list === null) return undefined;
  return unlessDamaged(async () => rowsInVersion(await readRowList(store, list), parts).living);
}

/** Returns the contents of the graphs whose files are not what their records say. */
export async function damagedGraphs(
  { store }: Pick<ReadableVersion, 'store'>,
  graphs: readonly IndexGraph[],
  parameters: HnswParameters,
): Promise<string[]> {
  const damaged = [];
  for (const graph of graphs) {
    const path = await unlessDamaged(() => localGraph(store, graph, parameters));
    if (path === undefined) damaged.push(graph.content);
  }
  return damaged;
}
