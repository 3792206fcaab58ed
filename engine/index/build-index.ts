import { canonicalJson } from '../../core/canonical-json.js';
import { maxOf, minOf } from '../../core/extremes.js';
import {
  type ChosenParameters,
  chooseParameters,
  type IndexRequest,
} from '../../core/index/choose-parameters.js';
import { indexLayout } from '../../core/index/index-layout.js';
import type { IndexManifest, IndexShardRecord } from '../../core/index/index-manifest.js';
import { searchParametersOf } from '../../core/index/index-options.js';
import { type IndexShard, planIndexShards } from '../../core/index/plan-index-shards.js';
import { NAME_PATTERN, NAME_RULE } from '../../core/name.js';
import { createOnce, encodeJson } from '../version/create-once.js';
import type { ReadableVersion } from '../version/resolve-version.js';
import type { BuildRun } from './add-rows.js';
import { type BuiltGraph, buildGraph } from './build-graph.js';
import { indexError } from './index-errors.js';
import { otherMetric } from './index-metric.js';
import { type GateRun, measureRecall } from './measure-recall.js';
import { manifestHash } from './open-index.js';
import { readIndexManifest } from './read-index-manifest.js';
import { USEARCH_VERSION } from './usearch.js';

/** The index that is to be built. It is decided before anything is written. */
export interface IndexPlan {
  name: string;
  request: IndexRequest;
  chosen: ChosenParameters;
  shards: readonly IndexShard[];
  manifestSha256: string;
  /** The existing index of this name, if it was built of the same version by the same request. */
  existing: IndexManifest | undefined;
}

/**
 * Decides what to build, and writes nothing. Errors: USAGE for an invalid name or a request that
 * contradicts itself, INPUT_EMPTY for a version without rows, OUTPUT_EXISTS where another request
 * has built an index of that name.
 */
export async function planIndex(
  version: ReadableVersion,
  name: string,
  request: IndexRequest,
): Promise<IndexPlan> {
  const { store, manifest, location } = version;
  if (!NAME_PATTERN.test(name))
    throw indexError('USAGE', `${JSON.stringify(name)} is no name of an index`, `Names are ${NAME_RULE}.`);
  const rows = manifest.totals.chunks;
  if (rows === 0)
    throw indexError(
      'INPUT_EMPTY',
      `${location.dataset}@${location.version} holds no vectors`,
      'Embed a corpus that has documents; `vectormill rejects` shows what was turned away.',
    );
  const files = [...version.parts].map(({ vectors }) => vectors);
  const found = chooseParameters(
    {
      rows,
      dimensions: manifest.signature.dimensions,
      minNorm: minOf(files.map((file) => file.minNorm)),
      maxNorm: maxOf(files.map((file) => file.maxNorm)),
    },
    request,
  );
  if ('refused' in found)
    throw indexError(
      'USAGE',
      found.refused,
      'Ask for another precision, allow more memory, or put fewer rows in a graph (`--precision`, `--memory`, `--shard-rows`).',
    );
  const noted = otherMetric(manifest.signature, request.metric);
  const chosen = noted === undefined ? found : { ...found, reasons: [...found.reasons, noted] };
  const manifestSha256 = await manifestHash(version);
  const { manifest: key } = indexLayout(location.dataset, location.version, name);
  const existing = (await store.head(key)) ? await readIndexManifest(store, key) : undefined;
  const same =
    !existing ||
    (canonicalJson(existing.request) === canonicalJson(request) &&
      existing.source.manifestSha256 === manifestSha256);
  if (!same)
    throw indexError(
      'OUTPUT_EXISTS',
      `${location.dataset}@${location.version} has an index ${name} of other options already`,
      'Give this one another name, or repeat the options of the first.',
      `${store.root}/${key}`,
    );
  const shards = chosen.kind === 'exact' ? [] : planIndexShards(version.parts, chosen.shardRows);
  return { name, request, chosen, shards, manifestSha256, existing };
}

/** Builds one shard of a plan. Errors: those of `buildGraph`. */
export async function buildShard(
  version: ReadableVersion,
  { name, chosen, shards }: IndexPlan,
  shard: number,
  run: BuildRun,
): Promise<BuiltGraph> {
  const { dataset, version: versionName } = version.location;
  const { parent } = version.manifest;
  return buildGraph(
    version,
    {
      layout: indexLayout(dataset, versionName, name),
      reuseFrom: parent === null ? [] : [indexLayout(dataset, parent, name)],
      parameters: chosen.graph,
      shard: shards[shard]!,
    },
    run,
  );
}

/**
 * Measures the graphs, and writes the manifest as the last step. Errors: RECALL_TOO_LOW, and
 * OUTPUT_EXISTS where another build published first.
 */
export async function publishIndex(
  version: ReadableVersion,
  { name, request, chosen, manifestSha256 }: IndexPlan,
  shards: readonly IndexShardRecord[],
  run: GateRun,
): Promise<IndexManifest> {
  const { store, manifest: source, location } = version;
  const draft: IndexManifest = {
    formatVersion: 1,
    name,
    dataset: location.dataset,
    version: location.version,
    source: { manifestSha256, fingerprint: source.fingerprint, rows: source.totals.chunks },
    engine: { name: 'usearch', version: USEARCH_VERSION },
    kind: chosen.kind,
    request,
    graph: chosen.graph,
    search: searchParametersOf(0, chosen.graph.precision),
    reasons: chosen.reasons,
    shards,
    bytes: shards.reduce((sum, { bytes }) => sum + bytes, 0),
    buildSeconds: shards.reduce((sum, { build }) => sum + (build?.seconds ?? 0), 0),
    buildMemoryBytes: Math.max(0, ...shards.map(({ build }) => build?.memoryBytes ?? 0)),
    gate: { target: request.recallTarget, k: 0, queries: 0, recall: 0, tried: [] },
  };
  const { gate, search } = await measureRecall(version, draft, run);
  if (gate.recall < gate.target)
    throw indexError(
      'RECALL_TOO_LOW',
      `the index ${name} is not published: its recall@${gate.k} is ${gate.recall.toFixed(4)}, below ${gate.target}`,
      'Build it again with a larger --m and --ef-construction or a finer --precision, or with a lower --recall.',
    );
  const final: IndexManifest = { ...draft, search, gate };
  const key = indexLayout(location.dataset, location.version, name).manifest;
  const { created, bytes } = await createOnce(store, key, encodeJson(final));
  if (created) return final;
  const existing = JSON.parse(new TextDecoder().decode(bytes)) as IndexManifest;
  if (canonicalJson(existing.request) === canonicalJson(request)) return existing;
  throw indexError(
    'OUTPUT_EXISTS',
    `another index ${name} was published meanwhile`,
    'Give this one another name.',
    `${store.root}/${key}`,
  );
}
