import type { ShardCommit } from '../../core/commit.js';
import { VectormillError } from '../../core/errors.js';
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
import { throwIfStopped } from '../concurrency/stop.js';
import { createOnce, encodeJson } from '../version/create-once.js';
import { refMoveOf } from '../version/finished-version.js';
import { moveRef } from '../version/move-ref.js';
import type { OpenVersion } from '../version/open-version.js';
import { readJsonRecord } from '../version/read-json-record.js';
import { parseManifest, readManifest } from '../version/read-manifest.js';
import { versionEncoding } from '../version/version-encoding.js';
import type { StepRun, StepTools } from './step-context.js';
import { VersionLists } from './write-lists.js';

const CONCURRENT_READS = 16;

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

/**
 * Makes the version readable: writes the manifest, then `_SUCCESS` for foreign tools, and then
 * moves the job's ref. Errors: INTERNAL if a shard has no commit.
 */
export async function writeManifest(
  version: OpenVersion,
  timings: ManifestTimings,
  run: StepRun,
): Promise<Manifest> {
  const { store, layout, job } = version;
  const manifest = (await store.head(layout.manifest))
    ? await readManifest(store, layout.manifest)
    : await createManifest(version, timings, run);
  await store.put(layout.success, new Uint8Array());
  const move = refMoveOf(job, manifest);
  if (move) await moveRef(store, move);
  return manifest;
}

/** Returns the fields of a job's summary that the manifest of its version gives. */
export function writtenVersion(
  { store, layout }: OpenVersion,
  manifest: Manifest,
  { startedAt }: ManifestTimings,
): WrittenVersion {
  const { fingerprint, totals, cost, rejects } = manifest;
  const wasComplete = manifest.timings.startedAt !== startedAt;
  const { precision: vectorPrecision } = encodingOf(manifest);
  return {
    manifest: `${store.root}/${layout.manifest}`,
    fingerprint,
    vectorPrecision,
    totals,
    ...(cost && { cost }),
    rejects,
    ...(wasComplete && { wasComplete }),
  };
}

async function createManifest(
  version: OpenVersion,
  timings: ManifestTimings,
  run: StepRun,
): Promise<Manifest> {
  const { store, layout, job } = version;
  const shards = await version.plan();
  const lists = new VersionLists(version);
  let commits = NO_COMMITS;
  for (let from = 0; from < shards.length; from += CONCURRENT_READS) {
    throwIfStopped(run.signal);
    const group = shards.slice(from, from + CONCURRENT_READS);
    for (const commit of await Promise.all(group.map(({ shard }) => readCommit(version, shard)))) {
      commits = addCommit(commits, commit);
      await lists.add(commit);
    }
  }
  const { texts, vectors } = await readJsonRecord<ProbeRecord>(store, layout.probe, 1);
  const manifest: Manifest = {
    formatVersion: 2,
    ...manifestFields({
      job,
      commits,
      input: inputTotals(shards),
      vectors: await versionEncoding(version),
      probe: { texts, vectors },
      timings,
    }),
    origins: [job.spec.version],
    nextShard: shards.length,
    lists: await lists.finish(),
  };
  const { bytes } = await createOnce(store, layout.manifest, encodeJson(manifest));
  return parseManifest(bytes, `${store.root}/${layout.manifest}`);
}

async function readCommit(version: OpenVersion, shard: number): Promise<ShardCommit> {
  const commit = await readJsonRecord<ShardCommit>(version.store, version.layout.commit(shard), 1);
  if (commit.shard === shard && commit.fingerprint === version.job.fingerprint) return commit;
  throw new VectormillError('COMMIT_CONFLICT', `the commit of shard ${shard} belongs to another job`, {
    component: 'steps',
    file: `${version.store.root}/${version.layout.commit(shard)}`,
    remedy: 'Give the job a new `version`.',
  });
}
