import { canonicalJson } from '../../core/canonical-json.js';
import type { ShardCommit } from '../../core/commit.js';
import { precisionOf } from '../../core/job-spec.js';
import { versionLayout } from '../../core/layout.js';
import { buildManifest, encodingOf, type ProbeRecord } from '../../core/manifest.js';
import { cosine } from '../../core/metrics/cosine.js';
import { inputTotals } from '../../core/plan.js';
import { needsRanges } from '../../core/vector-precision.js';
import type { Embedder } from '../model/embedder.js';
import { readPlanFile } from '../parquet/plan-file.js';
import { readJson } from '../version/read-json.js';
import type { ReadableVersion } from '../version/resolve-version.js';
import { versionEncoding } from '../version/version-encoding.js';
import { addDifference, manifestFile, type VerifyReport } from './verify-report.js';

/** Cosine below which a recomputed probe vector is another vector space; rounding stays above it. */
const PROBE_COSINE = 0.9999;

/** Checks that the plan, the commits and the manifest say the same. */
export async function verifyCommits(version: ReadableVersion, report: VerifyReport): Promise<void> {
  const { manifest, store, job, location } = version;
  const layout = versionLayout(location.dataset, location.version);
  if (!(await store.head(layout.plan))) {
    addDifference(report, `${store.root}/${layout.plan}`, 'is missing');
    return;
  }
  const shards = readPlanFile(await store.get(layout.plan), `${store.root}/${layout.plan}`);
  const commits: ShardCommit[] = [];
  for (const { shard, slices } of shards) {
    const file = `${store.root}/${layout.commit(shard)}`;
    if (!(await store.head(layout.commit(shard)))) {
      addDifference(report, file, 'is missing');
      return;
    }
    const commit = await readJson<ShardCommit>(store, layout.commit(shard), 1);
    const planned = slices.map(({ uri, etag, start, end }) => ({ uri, etag, start, end }));
    if (canonicalJson(commit.inputs) !== canonicalJson(planned))
      addDifference(report, file, 'read other input than was planned');
    commits.push(commit);
  }
  if (needsRanges(precisionOf(job.spec)) && !(await store.head(layout.ranges))) {
    addDifference(report, `${store.root}/${layout.ranges}`, 'is missing');
    return;
  }
  const { probe, timings } = manifest;
  const vectors = await versionEncoding({ store, layout, job });
  const rebuilt = buildManifest({ job, commits, input: inputTotals(shards), vectors, probe, timings });
  const listed = { ...manifest, vectors: encodingOf(manifest) };
  for (const field of Object.keys(rebuilt) as (keyof typeof rebuilt)[]) {
    if (canonicalJson(rebuilt[field]) !== canonicalJson(listed[field])) {
      addDifference(report, manifestFile(version), `\`${field}\` is not what the commits say`);
    }
  }
}

/** Checks what foreign tools and a resumed job read beside the manifest. */
export async function verifyCompanions(
  { manifest, store, location }: ReadableVersion,
  report: VerifyReport,
): Promise<void> {
  const layout = versionLayout(location.dataset, location.version);
  if (!(await store.head(layout.success)))
    addDifference(report, `${store.root}/${layout.success}`, 'is missing');
  const file = `${store.root}/${layout.probe}`;
  if (!(await store.head(layout.probe))) return addDifference(report, file, 'is missing');
  const { texts, vectors } = await readJson<ProbeRecord>(store, layout.probe, 1);
  if (canonicalJson({ texts, vectors }) !== canonicalJson(manifest.probe)) {
    addDifference(report, file, 'is not the probe of the manifest');
  }
}

/** Checks that this model gives the manifest's probe its vectors. */
export async function verifyProbe(
  version: ReadableVersion,
  embedder: Embedder,
  report: VerifyReport,
): Promise<void> {
  const { probe, signature } = version.manifest;
  const { vectors } = await embedder.embed(probe.texts, { prompt: 'document' });
  const cosines = probe.vectors.map((expected, row) =>
    cosine(expected, vectors.subarray(row * signature.dimensions, (row + 1) * signature.dimensions)),
  );
  report.probeCosine = Math.min(...cosines);
  if (!(report.probeCosine >= PROBE_COSINE)) {
    addDifference(
      report,
      manifestFile(version),
      `the probe's vectors are not this model's: cosine ${report.probeCosine}`,
    );
  }
}
