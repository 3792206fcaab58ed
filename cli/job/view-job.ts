import { setTimeout } from 'node:timers/promises';
import type { Client, WorkflowHandle } from '@temporalio/client';
import { type JobObservation, observeJob } from './observe-job.js';
import { type JobView, ProgressTracker } from './progress-line.js';

/** Activities report where they are every second. */
const BETWEEN_LOOKS_MS = 3000;

/** A job as it is now; one that runs is looked at twice, since a rate needs two looks. */
export async function viewJob(
  client: Client,
  handle: WorkflowHandle,
  first: JobObservation,
): Promise<JobView> {
  const tracker = new ProgressTracker();
  const view = tracker.view(first, performance.now());
  if (first.status !== 'RUNNING' || !first.progress) return view;
  await setTimeout(BETWEEN_LOOKS_MS);
  return tracker.view(await observeJob(client, handle), performance.now());
}
