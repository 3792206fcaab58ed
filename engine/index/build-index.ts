import { canonicalJson } from '../../core/canonical-json.js';
import { isVectormillError } from '../../core/errors.js';
import { maxOf, minOf } from '../../core/extremes.js';
import {
  type ChosenParameters,
  chooseParameters,
  type IndexRequest,
} from '../../core/index/choose-parameters.js';
import { indexLayout } from '../../core/index/index-layout.js';
import type { IndexManifest } from '../../core/index/index-manifest.js';
import { type IndexShard, planIndexShards } from '../../core/index/plan-index-shards.js';
import { NAME_PATTERN, NAME_RULE } from '../../core/name.js';
import type { ReadableVersion } from '../version/resolve-version.js';
import type { BuildRun } from './add-rows.js';
import { type BuiltGraph, buildGraph } from './build-graph.js';
import { damagedGraphs, type FollowedIndex, followParent } from './follow-parent.js';
import { indexError } from './index-errors.js';
import { otherMetric } from './index-metric.js';
import { manifestHash } from './open-index.js';
import { readIndexManifest } from './read-index-manifest.js';

/** The index that is to be built. It is decided before anything is written. */
export interface IndexPlan {
  name: string;
  request: IndexRequest;
  chosen: ChosenParameters;
  shards: readonly IndexShard[];
  manifestSha256: string;
  /** The parent version's index of this name, as far as it is searched on. */
  followed: FollowedIndex | undefined;
  /** The contents of graphs of the parent's index that are not taken. */
  unusable: ReadonlySet<string>;
  /** The existing index of this name, if it was built of the same version by the same request. */
  existing: IndexManifest | undefined;
}

/**
 * Decides what to build, and writes nothing. Graphs of the parent's index that are known to be
 * unusable are named by their contents. Errors: USAGE for an invalid name or a request that
 * contradicts itself, INPUT_EMPTY for a version without rows, OUTPUT_EXISTS where another request
 * has built an index of that name.
 */
export async function planIndex(
  version: ReadableVersion,
  name: string,
  request: IndexRequest,
  { unusable = new Set() }: { unusable?: ReadonlySet<string> } = {},
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
  const plan = { name, request, chosen, manifestSha256, existing, unusable };
  if (existing || chosen.kind === 'exact') return { ...plan, shards: [], followed: undefined };
  const followed = await followParent(version, { name, request, chosen, unusable });
  if (!followed) return { ...plan, shards: planIndexShards(version.parts, chosen.shardRows), followed };
  const { others, comparesOthers } = followed;
  return { ...plan, shards: comparesOthers ? [] : planIndexShards(others, chosen.shardRows), followed };
}

/** Builds one shard of a plan. Errors: those of `buildGraph`. */
export async function buildShard(
  version: ReadableVersion,
  { name, chosen, shards, unusable }: IndexPlan,
  shard: number,
  run: BuildRun,
): Promise<BuiltGraph> {
  const { dataset, version: versionName } = version.location;
  const { parent } = version.manifest;
  return buildGraph(
    version,
    {
      layout: indexLayout(dataset, versionName, name),
      reuseFrom: parent === null || unusable.size > 0 ? [] : [indexLayout(dataset, parent, name)],
      parameters: chosen.graph,
      shard: shards[shard]!,
    },
    run,
  );
}

/**
 * Returns the plan without graphs of the parent's index whose files are not what they were. Their
 * rows are built anew. Errors: those of `planIndex`.
 */
export async function withSoundGraphs(version: ReadableVersion, plan: IndexPlan): Promise<IndexPlan> {
  const unusable = new Set<string>();
  for (let checked = plan; ; ) {
    const found = await damagedGraphs(version, checked.followed?.graphs ?? [], checked.chosen.graph);
    if (found.length === 0) return checked;
    for (const content of found) unusable.add(content);
    checked = await planIndex(version, plan.name, plan.request, { unusable });
  }
}

/**
 * Lets `build` take a plan, and once more without the parent's graphs if an index with them finds
 * too few neighbours. Errors: those of `build` and of `planIndex`.
 */
export async function rebuiltIfPoor<T>(
  version: ReadableVersion,
  plan: IndexPlan,
  build: (plan: IndexPlan) => Promise<T>,
): Promise<T> {
  try {
    return await build(plan);
  } catch (error) {
    if (!plan.followed || !isVectormillError(error) || error.code !== 'RECALL_TOO_LOW') throw error;
    const unusable = new Set(plan.followed.manifest.shards.map(({ content }) => content));
    return build(await planIndex(version, plan.name, plan.request, { unusable }));
  }
}
