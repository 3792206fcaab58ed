import { canonicalJson } from '../../core/canonical-json.js';
import type { RangesRecord, ShardCommit } from '../../core/commit.js';
import { isVectormillError } from '../../core/errors.js';
import { vectorPrecisionOf } from '../../core/job-spec.js';
import { versionLayout } from '../../core/layout.js';
import { addCommit, encodingOf, manifestFields, NO_COMMITS, type ProbeRecord } from '../../core/manifest.js';
import { cosine } from '../../core/metrics/cosine.js';
import { inputTotals, type Shard } from '../../core/plan.js';
import type { Lineage } from '../../core/schedule/lineage.js';
import { needsRanges } from '../../core/vector-precision.js';
import { mapConcurrently } from '../concurrency/map-concurrently.js';
import { sha256 } from '../files/hash.js';
import type { Embedder } from '../model/embedder.js';
import { readPlanFile } from '../parquet/plan-file.js';
import type { ReadableVersion } from '../version/resolve-version.js';
import { versionEncoding } from '../version/version-encoding.js';
import { addDifference, checkedRecord, manifestFile, type VerifyReport } from './verify-report.js';

/**
 * A recomputed probe vector with a cosine below this belongs to another vector space. Rounding
 * stays above it.
 */
const PROBE_COSINE = 0.9999;
/** The number of commits that are read at once. */
const CONCURRENT_READS = 16;

/**
 * Checks that the manifest is this version's. If it is not, nothing else can be checked.
 */
export function verifyManifest(version: ReadableVersion, report: VerifyReport): boolean {
  const { manifest, location } = version;
  if (manifest.dataset === location.dataset && manifest.version === location.version) return true;
  addDifference(report, manifestFile(version), `is of ${manifest.dataset}@${manifest.version}`);
  return false;
}

/** Checks that the plan, the commits and the manifest say the same. */
export async function verifyCommits(
  version: ReadableVersion,
  report: VerifyReport,
  onCommit: (done: number, total: number) => void = () => {},
): Promise<void> {
  const { manifest, store, job, location } = version;
  const layout = versionLayout(location.dataset, location.version);
  const shards = await checkedPlan(version, report);
  if (!shards) return;
  let done = 0;
  const commits = await mapConcurrently(shards, CONCURRENT_READS, async (shard) => {
    const commit = await checkedCommit(version, shard, report);
    onCommit(++done, shards.length);
    return commit;
  });
  const sound = commits.filter((commit) => commit !== undefined);
  if (sound.length < shards.length) return;
  if (needsRanges(vectorPrecisionOf(job.spec))) {
    const ranges = await checkedRecord<RangesRecord>(version, layout.ranges, 1, report);
    if (!ranges) return;
  }
  const { probe, timings } = manifest;
  const vectors = await versionEncoding({ store, layout, job });
  const rebuilt = manifestFields({
    job,
    commits: sound.reduce(addCommit, NO_COMMITS),
    input: inputTotals(shards),
    vectors,
    probe,
    timings,
  });
  const listed = { ...manifest, vectors: encodingOf(manifest) };
  for (const field of Object.keys(rebuilt) as (keyof typeof rebuilt)[]) {
    if (canonicalJson(rebuilt[field]) !== canonicalJson(listed[field])) {
      addDifference(report, manifestFile(version), `\`${field}\` is not what the commits say`);
    }
  }
  verifyLists(version, sound, report);
}

/** Checks that the version lists the files of its commits, in their order. */
function verifyLists(version: ReadableVersion, commits: readonly ShardCommit[], report: VerifyReport): void {
  const { parts, rejectFiles } = version;
  const files = {
    chunk: [[...parts].map(({ chunks }) => chunks), commits.flatMap(({ chunkParts }) => chunkParts)],
    vector: [[...parts].map(({ vectors }) => vectors), commits.flatMap(({ vectorParts }) => vectorParts)],
    reject: [rejectFiles, commits.flatMap(({ rejectFile }) => rejectFile ?? [])],
  };
  for (const [kind, [listed, committed]] of Object.entries(files))
    if (canonicalJson(listed) !== canonicalJson(committed))
      addDifference(report, manifestFile(version), `does not list the ${kind} files of the commits`);
}

async function checkedPlan(
  { store, location }: ReadableVersion,
  report: VerifyReport,
): Promise<Shard[] | undefined> {
  const { plan } = versionLayout(location.dataset, location.version);
  const file = `${store.root}/${plan}`;
  if (!(await store.head(plan))) {
    addDifference(report, file, 'is missing');
    return undefined;
  }
  try {
    return readPlanFile(await store.get(plan), file);
  } catch (error) {
    if (!isVectormillError(error) || error.code !== 'FILE_DAMAGED') throw error;
    addDifference(report, file, 'is not a plan');
    return undefined;
  }
}

async function checkedCommit(
  version: ReadableVersion,
  { shard, slices }: Shard,
  report: VerifyReport,
): Promise<ShardCommit | undefined> {
  const { store, location } = version;
  const key = versionLayout(location.dataset, location.version).commit(shard);
  const commit = await checkedRecord<ShardCommit>(version, key, 1, report);
  if (!commit) return undefined;
  if (!Array.isArray(commit.chunkParts) || !Array.isArray(commit.vectorParts)) {
    addDifference(report, `${store.root}/${key}`, 'lists no parts');
    return undefined;
  }
  const planned = slices.map(({ uri, etag, start, end }) => ({ uri, etag, start, end }));
  if (canonicalJson(commit.inputs) !== canonicalJson(planned))
    addDifference(report, `${store.root}/${key}`, 'read other input than was planned');
  return commit;
}

/** Checks what foreign tools and a resumed job read beside the manifest. */
export async function verifyCompanions(version: ReadableVersion, report: VerifyReport): Promise<void> {
  const { manifest, store, location } = version;
  const layout = versionLayout(location.dataset, location.version);
  if (!(await store.head(layout.success)))
    addDifference(report, `${store.root}/${layout.success}`, 'is missing');
  const probe = await checkedRecord<ProbeRecord>(version, layout.probe, 1, report);
  if (!probe) return;
  const { texts, vectors } = probe;
  if (canonicalJson({ texts, vectors }) !== canonicalJson(manifest.probe)) {
    addDifference(report, `${store.root}/${layout.probe}`, 'is not the probe of the manifest');
  }
}

/** Checks that the records that a night's lineage links to are unchanged. */
export async function verifyLineage(version: ReadableVersion, report: VerifyReport): Promise<void> {
  const { store, location } = version;
  const key = versionLayout(location.dataset, location.version).lineage;
  if (!(await store.head(key))) return;
  const lineage = await checkedRecord<Lineage>(version, key, 1, report);
  for (const record of lineage ? [lineage.manifest, lineage.triplets, lineage.index] : []) {
    if (!record) continue;
    const file = `${store.root}/${record.key}`;
    if (!(await store.head(record.key))) addDifference(report, file, 'is missing');
    else if (sha256(await store.get(record.key)) !== record.sha256)
      addDifference(report, file, 'has another sha256 than the lineage says');
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
    probeCosine(expected, vectors.subarray(row * signature.dimensions, (row + 1) * signature.dimensions)),
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

/**
 * Returns the cosine of a probe's vector and the recomputed one. A static model that knows no word
 * of the text gives zeros, which have no direction. Two vectors of zeros count as the same (1), and
 * zeros as unlike any other vector (0).
 */
export function probeCosine(expected: ArrayLike<number>, computed: ArrayLike<number>): number {
  const areZeros = [expected, computed].map((vector) => Array.from(vector).every((value) => value === 0));
  if (areZeros.includes(true)) return areZeros.includes(false) ? 0 : 1;
  return cosine(expected, computed);
}
