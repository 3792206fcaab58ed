import { canonicalJson } from '../../core/canonical-json.js';
import type { RangesRecord, ShardCommit } from '../../core/commit.js';
import { isVectormillError } from '../../core/errors.js';
import { splitRowKey } from '../../core/ids.js';
import { firstShardOf, vectorPrecisionOf } from '../../core/job-spec.js';
import { versionLayout } from '../../core/layout.js';
import {
  addCommit,
  type CommitTotals,
  encodingOf,
  type Manifest,
  manifestFields,
  NO_COMMITS,
  type ProbeRecord,
} from '../../core/manifest.js';
import { MIN_PROBE_COSINE, probeCosine } from '../../core/metrics/probe-cosine.js';
import { inputTotals, type Shard } from '../../core/plan.js';
import type { Lineage } from '../../core/schedule/lineage.js';
import { needsRanges } from '../../core/vector-precision.js';
import type { PartFiles, VersionParts } from '../../core/version-parts.js';
import { mapConcurrently } from '../concurrency/map-concurrently.js';
import { sha256 } from '../files/hash.js';
import type { Embedder } from '../model/embedder.js';
import { readOwnShards } from '../version/open-version.js';
import type { ReadableVersion } from '../version/resolve-version.js';
import { versionEncoding } from '../version/version-encoding.js';
import { addDifference, checkedRecord, manifestFile, type VerifyReport } from './verify-report.js';

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
  const read = await mapConcurrently(shards, CONCURRENT_READS, async (shard) => {
    const commit = await checkedCommit(version, shard, report);
    onCommit(++done, shards.length);
    return commit;
  });
  const sound = read.filter((commit) => commit !== undefined);
  if (sound.length < shards.length) return;
  if (needsRanges(vectorPrecisionOf(job.spec))) {
    const ranges = await checkedRecord<RangesRecord>(version, layout.ranges, 1, report);
    if (!ranges) return;
  }
  const { probe, timings } = manifest;
  const vectors = await versionEncoding({ store, layout, job });
  const commits = sound.reduce(addCommit, NO_COMMITS);
  const rebuilt = manifestFields({
    job,
    commits: job.carry ? withTotalsOf(manifest, commits) : commits,
    input: job.carry ? inputOf(manifest) : inputTotals(shards),
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

/**
 * Returns the totals of a version that carries rows over, of which its commits say only the number
 * of its own shards, what they cost and where their vectors came from. The lists of the corpus are
 * held to the others.
 */
function withTotalsOf({ totals, rejects }: Manifest, own: CommitTotals): CommitTotals {
  const { documents, chunks, tokens, truncatedChunks: truncated, outputBytes } = totals;
  return { ...own, documents, chunks, tokens, truncated, rejects, outputBytes };
}

function inputOf({ totals: { inputObjects: objects, inputBytes: bytes } }: Manifest) {
  return { objects, bytes };
}

/**
 * Checks that the version lists the files of its commits, in their order. Files that are carried
 * over come before them.
 */
function verifyLists(version: ReadableVersion, commits: readonly ShardCommit[], report: VerifyReport): void {
  const { parts, rejectFiles, job } = version;
  const own = ownFiles(parts, commits, firstShardOf(job));
  const rejects = commits.flatMap(({ rejectFile }) => rejectFile ?? []);
  const files = {
    chunk: [own.map(({ chunks }) => chunks), commits.flatMap(({ chunkParts }) => chunkParts)],
    vector: [own.map(({ vectors }) => vectors), commits.flatMap(({ vectorParts }) => vectorParts)],
    reject: [job.carry ? rejectFiles.slice(rejectFiles.length - rejects.length) : rejectFiles, rejects],
  };
  for (const [kind, [listed, committed]] of Object.entries(files))
    if (canonicalJson(listed) !== canonicalJson(committed))
      addDifference(report, manifestFile(version), `does not list the ${kind} files of the commits`);
}

/**
 * Returns the files of the version's own shards, by the parts that list them. A joined part names
 * the files that its rows were written in, of which the commits say the rest.
 */
function ownFiles(parts: VersionParts, commits: readonly ShardCommit[], firstShard: number): OwnFiles[] {
  const committed = new Map<string, OwnFiles>();
  for (const { chunkParts, vectorParts } of commits)
    for (const [place, chunks] of chunkParts.entries())
      if (vectorParts[place]) committed.set(chunks.sha256, { chunks, vectors: vectorParts[place] });
  const own = new Map<unknown, OwnFiles>();
  for (const { chunks, vectors, sources } of parts)
    if (!sources) {
      if (splitRowKey(BigInt(chunks.firstKey)).shard >= firstShard) own.set(chunks, { chunks, vectors });
    } else
      for (const source of sources) {
        if (source.shard < firstShard) continue;
        const files = committed.get(source.chunksSha256);
        const isSame =
          files?.vectors.sha256 === source.vectorsSha256 &&
          files.chunks.start === source.start &&
          files.chunks.end === source.end;
        // Rows of one file may lie in two joined parts.
        own.set(isSame ? files.chunks : source, isSame ? files : { chunks, vectors });
      }
  return [...own.values()];
}

type OwnFiles = Pick<PartFiles, 'chunks' | 'vectors'>;

async function checkedPlan(
  { store, location, job }: ReadableVersion,
  report: VerifyReport,
): Promise<readonly Shard[] | undefined> {
  const layout = versionLayout(location.dataset, location.version);
  const file = `${store.root}/${layout.plan}`;
  if (!(await store.head(layout.plan))) {
    addDifference(report, file, 'is missing');
    return undefined;
  }
  try {
    return await readOwnShards(store, job, await store.get(layout.plan));
  } catch (error) {
    if (!isVectormillError(error) || error.code !== 'FILE_DAMAGED') throw error;
    addDifference(report, error.file ?? file, 'is not a plan');
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
  if (!(report.probeCosine >= MIN_PROBE_COSINE)) {
    addDifference(
      report,
      manifestFile(version),
      `the probe's vectors are not this model's: cosine ${report.probeCosine}`,
    );
  }
}
