import { join } from 'node:path';
import type { z } from 'zod';
import type { JobRecord } from '../core/job-spec.js';
import { versionLayout } from '../core/layout.js';
import { totalRejects } from '../core/reject-counts.js';
import type { JobSummary } from '../core/workflow-api.js';
import type { jobSchema } from '../engine/job/job-schema.js';
import { prepareJob } from '../engine/job/prepare-job.js';
import { type StoreOpener, storeCache } from '../engine/store/store-cache.js';
import { finishedVersion } from '../engine/version/finished-version.js';
import { localTools } from '../local/local-tools.js';
import { type LocalJob, runJobLocally } from '../local/run-job.js';

/** A job with the keys of a job file, which docs/job-spec.md explains. */
export type JobDescription = z.input<typeof jobSchema>;

/** The progress of a job. Its numbers are those of finished shards of the current phase. */
export interface LocalJobProgress {
  phase:
    | 'claiming'
    | 'planning'
    | 'scanning'
    | 'deduplicating'
    | 'embedding'
    | 'quantising'
    | 'finishing'
    | 'done';
  /** The number of finished shards. */
  shards: number;
  /** The number of the job's shards; 0 before they are planned. */
  shardsTotal: number;
  documents: number;
  chunks: number;
  tokens: number;
}

export interface LocalJobOptions {
  /** Once it is aborted, the current parts are finished and the job ends with CANCELLED. */
  signal?: AbortSignal;
  /** Is called twice a second while the job runs, and once more when it is done. */
  onProgress?: (progress: LocalJobProgress) => void;
}

export interface LocalJobResult {
  dataset: string;
  version: string;
  /** The URI of the record that makes the version readable. */
  manifest: string;
  /** The SHA-256, in hex, of what fixes the vector space. */
  fingerprint: string;
  documents: number;
  chunks: number;
  tokens: number;
  /** The number of documents that were quarantined. */
  rejects: number;
  /** The wall time of this run in ms. */
  elapsedMs: number;
  /** Whether an earlier run had finished the version, so that this one did nothing. */
  wasComplete: boolean;
}

const PROGRESS_INTERVAL_MS = 500;

/**
 * Runs a job in this process, without Temporal, as `vectormill run --local` does. Relative paths
 * are taken from the working directory. A job that was stopped, here or by a crash, goes on from
 * its finished parts when it is run again. Errors: JOB_INVALID; those of the model;
 * VERSION_CONFLICT, FINGERPRINT_MISMATCH and INPUT_CHANGED where the version was begun otherwise;
 * INPUT_NOT_FOUND, INPUT_EMPTY, INPUT_UNSUPPORTED; REJECTS_EXCEEDED; CANCELLED; those of the store.
 */
export async function runLocalJob(
  description: JobDescription,
  { signal = new AbortController().signal, onProgress }: LocalJobOptions = {},
): Promise<LocalJobResult> {
  const stores = storeCache();
  try {
    const file = join(process.cwd(), 'job');
    const { job, versionState } = await prepareJob(file, JSON.stringify(description ?? null), stores.open);
    const found = versionState === 'complete' ? await foundVersion(job, stores.open) : undefined;
    if (found) return found;
    const { tools, close } = localTools(stores.open);
    try {
      const running = runJobLocally(job, tools, signal);
      return resultOf(job, await withProgress(running, onProgress));
    } finally {
      await close();
    }
  } finally {
    await stores.close();
  }
}

/**
 * Returns the result if an earlier run finished everything, or undefined if something is left to
 * do.
 */
async function foundVersion(job: JobRecord, openStore: StoreOpener): Promise<LocalJobResult | undefined> {
  const { output, dataset, version } = job.spec;
  const store = openStore(output);
  const manifest = await finishedVersion(store, job);
  if (!manifest) return undefined;
  const uri = `${store.root}/${versionLayout(dataset, version).manifest}`;
  return resultOf(job, { ...manifest, manifest: uri, elapsedMs: 0, wasComplete: true });
}

async function withProgress(
  running: LocalJob,
  onProgress: LocalJobOptions['onProgress'],
): Promise<JobSummary> {
  const report = () => onProgress?.(progressOf(running));
  const timer = setInterval(report, PROGRESS_INTERVAL_MS);
  const summary = await running.done.finally(() => clearInterval(timer));
  report();
  return summary;
}

function progressOf(running: LocalJob): LocalJobProgress {
  const { progress, totals } = running.observe();
  const { shards, documents, chunks, tokens } = totals;
  const shardsTotal = progress.plan?.shards ?? 0;
  return { phase: progress.phase, shards, shardsTotal, documents, chunks, tokens };
}

type Summary = Pick<
  JobSummary,
  'manifest' | 'fingerprint' | 'totals' | 'rejects' | 'elapsedMs' | 'wasComplete'
>;

function resultOf(
  { spec: { dataset, version } }: JobRecord,
  { manifest, fingerprint, totals, rejects, elapsedMs, wasComplete = false }: Summary,
): LocalJobResult {
  const { documents, chunks, tokens } = totals;
  return {
    dataset,
    version,
    manifest,
    fingerprint,
    documents,
    chunks,
    tokens,
    rejects: totalRejects(rejects),
    elapsedMs,
    wasComplete,
  };
}
