import type { ShardCommit } from '../../core/commit.js';
import type { CompactionPlan } from '../../core/compaction/plan-compaction.js';
import { isVectormillError } from '../../core/errors.js';
import type { WrittenVersion } from '../../core/job-course.js';
import {
  addCommit,
  encodingOf,
  type Manifest,
  type ManifestTimings,
  manifestFields,
  NO_COMMITS,
  PROBE_TEXTS,
  type ProbeRecord,
} from '../../core/manifest.js';
import { inputTotals } from '../../core/plan.js';
import { pinsOfJob } from '../../core/retention/job-pins.js';
import type { RefStanding } from '../../core/workflow-api.js';
import { createOnce, encodeJson } from '../version/create-once.js';
import { refMoveOf, standingOf } from '../version/finished-version.js';
import { movePinned } from '../version/move-pinned.js';
import type { MovedRef } from '../version/move-ref.js';
import type { OpenVersion } from '../version/open-version.js';
import { unpin } from '../version/pins.js';
import { readJsonRecord } from '../version/read-json-record.js';
import { parseManifest, readManifest } from '../version/read-manifest.js';
import { versionEncoding } from '../version/version-encoding.js';
import { carriedFiles, type ListedVersion } from './carry/carried-files.js';
import { readingParent } from './carry/parent-errors.js';
import { OwnCorpusLister } from './corpus-lister.js';
import { readCommits } from './fold-commits.js';
import type { StepRun, StepTools } from './step-context.js';
import { VersionLists } from './write-lists.js';

/** Embeds the fixed texts with the job's model, so that the manifest can carry their vectors. */
export async function computeProbe(tools: StepTools, version: OpenVersion): Promise<void> {
  const { store, layout, job } = version;
  if (await store.head(layout.probe)) return;
  const { vectors } = await tools.withEmbedder(job, (embedder) =>
    embedder.embed(PROBE_TEXTS, { prompt: 'document' }),
  );
  const { dimensions } = job.signature;
  const rows = PROBE_TEXTS.map((_, row) => [...vectors.subarray(row * dimensions, (row + 1) * dimensions)]);
  const record: ProbeRecord = { formatVersion: 1, texts: PROBE_TEXTS, vectors: rows };
  await createOnce(store, layout.probe, encodeJson(record));
}

/** The choices of whoever makes a version readable. */
export interface ManifestOptions {
  /**
   * The number of shards of a group whose commits were folded. Where it is undefined, each shard's
   * own commit is read.
   */
  groupSize?: number | undefined;
  /** Chooses which parts are joined; by default, this is `planCompaction`. */
  plan?: CompactionPlan | undefined;
}

/**
 * Makes the version readable: writes the manifest, then `_SUCCESS` for foreign tools, and then
 * moves the job's ref, and says where that stands. A version that carries rows over is compacted
 * before. Errors: COMMIT_CONFLICT; OBJECT_NOT_FOUND if a shard has no commit; VERSION_RETIRED.
 */
export async function writeManifest(
  version: OpenVersion,
  timings: ManifestTimings,
  run: StepRun,
  options: ManifestOptions = {},
): Promise<{ manifest: Manifest; standing: RefStanding | undefined }> {
  const { store, layout, job } = version;
  const manifest = (await store.head(layout.manifest))
    ? await readManifest(store, layout.manifest)
    : await createManifest(version, timings, run, options);
  await store.put(layout.success, new Uint8Array());
  const moved = await settleVersion(version, manifest, run);
  return { manifest, standing: standingOf(job.spec, moved?.record) };
}

/**
 * Moves the ref of a job whose version is readable, and removes the pins of the job. Errors:
 * VERSION_RETIRED where the version was deleted before it was finished: whoever comes late would
 * otherwise make it readable again, without its files.
 */
export async function settleVersion(
  { store, layout, job }: OpenVersion,
  manifest: Manifest,
  { owner }: Pick<StepRun, 'owner'>,
): Promise<MovedRef | undefined> {
  const [own, ...others] = pinsOfJob(job);
  const { version } = job.spec;
  const move = refMoveOf({ ref: job.spec.ref, by: 'job' }, job, manifest);
  try {
    const moved = await movePinned(store, { ...own!, versions: [version], owner }, move);
    for (const pin of others) await unpin(store, { ...pin, owner });
    return moved;
  } catch (error) {
    if (isVectormillError(error) && error.code === 'VERSION_RETIRED') {
      await store.delete(layout.manifest);
      await store.delete(layout.success);
    }
    throw error;
  }
}

/** Returns the fields of a job's summary that its last step gives. */
export function writtenVersion(
  { store, layout }: OpenVersion,
  { manifest, standing }: Awaited<ReturnType<typeof writeManifest>>,
  { startedAt }: ManifestTimings,
): WrittenVersion {
  const { fingerprint, totals, cost, reused, clipped, changes, compacted, rejects } = manifest;
  const wasComplete = manifest.timings.startedAt !== startedAt;
  const { precision: vectorPrecision } = encodingOf(manifest);
  return {
    manifest: `${store.root}/${layout.manifest}`,
    fingerprint,
    vectorPrecision,
    totals,
    ...(cost && { cost }),
    ...(reused && { reused }),
    ...(clipped && { clipped }),
    ...(changes && { changes }),
    ...(compacted && { compacted }),
    rejects,
    ...(standing && { standing }),
    ...(wasComplete && { wasComplete }),
  };
}

async function createManifest(
  version: OpenVersion,
  timings: ManifestTimings,
  run: StepRun,
  { groupSize, plan }: ManifestOptions,
): Promise<Manifest> {
  const { store, layout, job } = version;
  const commitsOf = () => readCommits(version, groupSize, run);
  const { commits, changes, compacted, input, origins, nextShard, lists } = job.carry
    ? await readingParent(version, () => carriedFiles(version, { commitsOf, run, plan }))
    : await ownFiles(version, commitsOf);
  const { texts, vectors } = await readJsonRecord<ProbeRecord>(store, layout.probe, 1);
  const manifest: Manifest = {
    formatVersion: 2,
    ...manifestFields({
      job,
      commits,
      changes,
      compacted,
      input,
      vectors: await versionEncoding(version),
      probe: { texts, vectors },
      timings,
    }),
    origins,
    nextShard,
    lists,
  };
  const { bytes } = await createOnce(store, layout.manifest, encodeJson(manifest));
  return parseManifest(bytes, `${store.root}/${layout.manifest}`);
}

/** Lists the files of a version that consists of its own shards. */
async function ownFiles(
  version: OpenVersion,
  commitsOf: () => AsyncIterable<ShardCommit>,
): Promise<ListedVersion> {
  const shards = await version.plan();
  const lists = new VersionLists(version, new OwnCorpusLister(version));
  let commits = NO_COMMITS;
  for await (const commit of commitsOf()) {
    commits = addCommit(commits, commit);
    await lists.add(commit);
  }
  return {
    commits,
    input: inputTotals(shards),
    origins: [version.job.spec.version],
    nextShard: shards.length,
    lists: await lists.finish(),
  };
}
