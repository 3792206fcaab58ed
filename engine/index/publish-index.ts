import { canonicalJson } from '../../core/canonical-json.js';
import { counted } from '../../core/counted.js';
import { indexLayout } from '../../core/index/index-layout.js';
import type {
  IndexDelta,
  IndexGraph,
  IndexManifest,
  IndexShardRecord,
} from '../../core/index/index-manifest.js';
import { searchParametersOf } from '../../core/index/index-options.js';
import { createOnce, encodeJson } from '../version/create-once.js';
import type { ReadableVersion } from '../version/resolve-version.js';
import { assertVectorFiles } from './assert-vector-files.js';
import type { IndexPlan } from './build-index.js';
import { type GateRun, writeGateQueries } from './gate-queries.js';
import { indexError } from './index-errors.js';
import { writeRowList } from './listed-rows.js';
import { measureRecall } from './measure-recall.js';
import { parseIndexManifest } from './read-index-manifest.js';
import { USEARCH_VERSION } from './usearch.js';

/**
 * Measures the graphs, and writes the manifest as the last step. Errors: RECALL_TOO_LOW, and
 * OUTPUT_EXISTS where another build published first; OBJECT_NOT_FOUND, CHECKSUM_MISMATCH for the
 * version's vector files.
 */
export async function publishIndex(
  version: ReadableVersion,
  plan: IndexPlan,
  records: readonly IndexShardRecord[],
  run: GateRun,
): Promise<IndexManifest> {
  await assertVectorFiles(version);
  const { name, request, chosen, manifestSha256 } = plan;
  const { store, manifest: source, location } = version;
  const shards = await graphsOf(version, plan, records);
  const draft: IndexManifest = {
    formatVersion: 2,
    name,
    dataset: location.dataset,
    version: location.version,
    source: { manifestSha256, fingerprint: source.fingerprint, rows: source.totals.chunks },
    engine: { name: 'usearch', version: USEARCH_VERSION },
    kind: chosen.kind,
    request,
    graph: chosen.graph,
    search: searchParametersOf(0, chosen.graph.precision),
    reasons: [...chosen.reasons, ...reasonsToFollow(plan)],
    shards,
    delta: await deltaOf(version, plan),
    bytes: shards.reduce((sum, { bytes }) => sum + bytes, 0),
    buildSeconds: shards.reduce((sum, { build }) => sum + (build?.seconds ?? 0), 0),
    buildMemoryBytes: Math.max(0, ...shards.map(({ build }) => build?.memoryBytes ?? 0)),
    gate: { target: request.recallTarget, k: 0, queries: 0, recall: 0, tried: [] },
    gateQueries: null,
  };
  const { gate, search, queries } = await measureRecall(version, draft, { ...run, followed: plan.followed });
  if (gate.recall < gate.target)
    throw indexError(
      'RECALL_TOO_LOW',
      `the index ${name} is not published: its recall@${gate.k} is ${gate.recall.toFixed(4)}, below ${gate.target}`,
      'Build it again with a larger --m and --ef-construction or a finer --precision, or with a lower --recall.',
    );
  const layout = indexLayout(location.dataset, location.version, name);
  const gateQueries = queries && (await writeGateQueries(store, layout, queries, chosen.graph.dimensions));
  const final: IndexManifest = { ...draft, search, gate, gateQueries };
  const key = layout.manifest;
  const { created, bytes } = await createOnce(store, key, encodeJson(final));
  if (created) return final;
  const existing = parseIndexManifest(bytes, key, store);
  if (canonicalJson(existing.request) === canonicalJson(request)) return existing;
  throw indexError(
    'OUTPUT_EXISTS',
    `another index ${name} was published meanwhile`,
    'Give this one another name.',
    `${store.root}/${key}`,
  );
}

/** Returns all graphs of an index: those of the parent's that are searched on, and new ones. */
async function graphsOf(
  { store, location }: ReadableVersion,
  { name, shards, followed }: IndexPlan,
  records: readonly IndexShardRecord[],
): Promise<IndexGraph[]> {
  const layout = indexLayout(location.dataset, location.version, name);
  const graphs = [...(followed?.graphs ?? [])];
  for (const [place, record] of records.entries())
    graphs.push({
      ...record,
      key: layout.shard(record.content),
      liveRows: record.rows,
      rowList: await writeRowList(store, layout, shards[place]!.parts),
    });
  return graphs;
}

/** Writes the list of the rows that every query is compared with, if there are any. */
async function deltaOf(
  { store, location }: ReadableVersion,
  { name, followed }: IndexPlan,
): Promise<IndexDelta | null> {
  if (!followed?.comparesOthers || followed.others.rows === 0) return null;
  const layout = indexLayout(location.dataset, location.version, name);
  return { rows: followed.others.rows, rowList: await writeRowList(store, layout, followed.others) };
}

function reasonsToFollow({ followed }: IndexPlan): string[] {
  if (!followed || followed.graphs.length === 0) return [];
  const { graphs, manifest, comparesOthers, others } = followed;
  const dead = graphs.reduce((sum, { rows, liveRows }) => sum + rows - liveRows, 0);
  const beside = comparesOthers ? `, and ${counted(others.rows, 'row')} beside them compared` : '';
  return [
    `${counted(graphs.length, 'graph')} of the index of ${manifest.version} searched on, without ${counted(dead, 'dead row')}${beside}`,
  ];
}
