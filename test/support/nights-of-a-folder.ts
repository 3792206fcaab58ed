import { type JobRecord, withParent } from '../../core/job-spec.js';
import { openStore } from '../../engine/store/open-store.js';
import { findParent } from '../../engine/version/find-parent.js';
import { type ReadableVersion, resolveVersion } from '../../engine/version/resolve-version.js';
import { runJobLocally } from '../../local/run-job.js';
import { testJob } from './test-job.js';
import { testProcess } from './test-tools.js';

const never = new AbortController().signal;

/** Makes the job of a version whose parent is what `current` names. */
export async function jobWithParent(
  folder: string,
  version: string,
  more: Record<string, unknown> = {},
): Promise<JobRecord> {
  const plain = testJob(folder, { version, ...more });
  return withParent(plain, await findParent(openStore(plain.spec.output), plain));
}

/** Runs a job to its end in this process, and opens its version. */
export async function runToEnd(job: JobRecord): Promise<ReadableVersion> {
  await runJobLocally(job, testProcess().tools, never).done;
  return versionOfJob(job);
}

/** Opens the finished version of a job. */
export function versionOfJob({ spec: { output, dataset, version } }: JobRecord): Promise<ReadableVersion> {
  return resolveVersion(openStore(output), { dataset, selector: version });
}
