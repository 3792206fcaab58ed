import type { Index } from 'usearch';
import { counted } from '../../core/counted.js';
import { splitRowKey } from '../../core/ids.js';
import { indexLayout } from '../../core/index/index-layout.js';
import type { IndexManifest } from '../../core/index/index-manifest.js';
import type { HnswParameters, SearchParameters } from '../../core/index/index-options.js';
import { versionLayout } from '../../core/layout.js';
import { sha256 } from '../files/hash.js';
import type { ReadableVersion } from '../version/resolve-version.js';
import { readAttachedRows } from './attached-rows.js';
import { isInt8InnerProduct } from './choose-builder.js';
import { type DeltaRows, openDelta } from './delta-rows.js';
import type { OpenGraph, SearchableGraph } from './graph-search.js';
import { indexError } from './index-errors.js';
import { IndexWorker } from './index-worker.js';
import { listIndexes } from './list-indexes.js';
import { liveMask } from './live-mask.js';
import { localGraph } from './local-graph.js';
import { MemoryGraph } from './memory-graph.js';
import { NumberedGraph } from './numbered-graph.js';
import { readIndexManifest } from './read-index-manifest.js';
import { newGraph } from './usearch.js';
import { VersionVectors } from './version-vectors.js';

/** An index that was checked against its version and can be searched. */
export interface OpenIndex {
  manifest: IndexManifest;
  /** Empty for exact search. */
  graphs: readonly OpenGraph[];
  /** The rows that are in no graph; undefined where there are none. */
  delta: DeltaRows | undefined;
  source: VersionVectors;
  /** The thread in which exact search computes; undefined for an index of graphs. */
  worker: IndexWorker | undefined;
  close(): Promise<void>;
}

export interface OpenIndexOptions {
  /**
   * Map graphs of one shard into memory from their files. This opens them at once and shares
   * them between the processes of a machine, which suits a few queries. Otherwise graphs are read
   * into this process, which then searches int8 graphs in two thirds of the time.
   */
  mapped?: boolean;
}

/**
 * Opens a published index. Errors: INDEX_NOT_FOUND; INDEX_MISMATCH where it is of another version
 * or of an unknown engine, or a graph is not what the manifest says; CHECKSUM_MISMATCH,
 * OBJECT_NOT_FOUND, FILE_DAMAGED.
 */
export async function openIndex(
  version: ReadableVersion,
  name: string,
  options: OpenIndexOptions = {},
): Promise<OpenIndex> {
  const { store, location } = version;
  const { manifest: key } = indexLayout(location.dataset, location.version, name);
  if (!(await store.head(key))) throw await notFound(version, name);
  const manifest = await readIndexManifest(store, key);
  await assertSameVersion(version, manifest, `${store.root}/${key}`);
  const graphs = await openGraphs(await localGraphs(version, manifest), manifest, options);
  const delta = await openDelta(version, manifest);
  const worker = manifest.kind === 'exact' ? new IndexWorker() : undefined;
  return {
    manifest,
    graphs,
    delta,
    source: new VersionVectors(version),
    worker,
    close: async () => {
      await worker?.close();
      await delta?.close();
    },
  };
}

/** A graph's checked file on this machine, and which of its rows live. */
export interface LocalGraph extends Pick<OpenGraph, 'mask'> {
  path: string;
  /**
   * Whether all rows are of one shard. Otherwise usearch reads or maps the file slowly, so that it
   * gets the numbers of the rows in place of their keys.
   */
  isOfOneShard: boolean;
}

/**
 * Returns the files of a manifest's graphs, published or not, which are checked one by one. Errors:
 * those of `localGraph` and `liveMask`.
 */
export async function localGraphs(
  version: ReadableVersion,
  { shards, graph }: Pick<IndexManifest, 'shards' | 'graph'>,
): Promise<LocalGraph[]> {
  const local: LocalGraph[] = [];
  for (const shard of shards)
    local.push({
      path: await localGraph(version.store, shard, graph),
      isOfOneShard: shardOf(shard.firstKey) === shardOf(shard.lastKey),
      mask: await liveMask(version, shard),
    });
  return local;
}

/** Opens checked files, to be searched as the manifest says. */
export async function openGraphs(
  local: readonly LocalGraph[],
  { graph, search }: Pick<IndexManifest, 'graph' | 'search'>,
  { mapped = false }: OpenIndexOptions = {},
): Promise<OpenGraph[]> {
  const opened: OpenGraph[] = [];
  for (const { path, mask, isOfOneShard } of local) {
    const attached = await readAttachedRows(path);
    const isMapped = mapped && isOfOneShard;
    opened.push({
      graph: isMapped ? map(path, graph, search) : await load({ path, isOfOneShard }, graph, search),
      attached,
      mask,
    });
  }
  return opened;
}

function shardOf(key: string): number {
  return splitRowKey(BigInt(key)).shard;
}

function map(path: string, parameters: HnswParameters, { expansionSearch }: SearchParameters): Index {
  const opened = newGraph(parameters, expansionSearch);
  opened.view(path);
  return opened;
}

async function load(
  { path, isOfOneShard }: Pick<LocalGraph, 'path' | 'isOfOneShard'>,
  parameters: HnswParameters,
  { expansionSearch }: SearchParameters,
): Promise<SearchableGraph> {
  if (isInt8InnerProduct(parameters)) {
    const inMemory = await MemoryGraph.read(path, expansionSearch);
    if (inMemory) return inMemory;
  }
  if (!isOfOneShard) return NumberedGraph.read(path, parameters, expansionSearch);
  const graph = newGraph(parameters, expansionSearch);
  graph.load(path);
  return graph;
}

/** Returns the SHA-256, in hex, of the record that makes the version readable. */
export async function manifestHash({ store, location }: ReadableVersion): Promise<string> {
  return sha256(await store.get(versionLayout(location.dataset, location.version).manifest));
}

async function assertSameVersion(
  version: ReadableVersion,
  index: IndexManifest,
  file: string,
): Promise<void> {
  const { dataset, version: name } = version.location;
  const differences = [
    (index.dataset !== dataset || index.version !== name) && `it is of ${index.dataset}@${index.version}`,
    index.source.manifestSha256 !== (await manifestHash(version)) && 'the manifest has changed since',
    index.source.fingerprint !== version.manifest.fingerprint && 'the model has another fingerprint',
    index.graph.dimensions !== version.manifest.signature.dimensions &&
      `it has ${counted(index.graph.dimensions, 'dimension')}`,
    index.source.rows !== version.manifest.totals.chunks &&
      `it was built for ${counted(index.source.rows, 'row')}`,
  ].filter((difference) => difference !== false);
  if (differences.length === 0) return;
  throw indexError(
    'INDEX_MISMATCH',
    `the index ${index.name} does not belong to ${dataset}@${name}: ${differences.join(', ')}`,
    'Build an index of this version with `vectormill index build`.',
    file,
  );
}

async function notFound(version: ReadableVersion, name: string): Promise<Error> {
  const { dataset, version: found } = version.location;
  const names = (await listIndexes(version)).map((index) => index.name);
  return indexError(
    'INDEX_NOT_FOUND',
    `${dataset}@${found} has no index ${name}`,
    names.length === 0
      ? `Build it with \`vectormill index build ${dataset}@${found} --name ${name}\`.`
      : `Indexes there: ${names.slice(0, 20).join(', ')}.`,
    `${version.store.root}/${indexLayout(dataset, found, name).manifest}`,
  );
}
