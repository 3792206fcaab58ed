import { canonicalJson } from '../../core/canonical-json.js';
import { VectormillError } from '../../core/errors.js';
import { differingFields, type JobRecord } from '../../core/job-spec.js';
import { versionLayout } from '../../core/layout.js';
import type { ObjectStore } from '../store/object-store.js';
import { assertSameEditions } from './assert-same-editions.js';
import { noteBegun } from './begun-versions.js';
import { createOnce, encodeJson } from './create-once.js';
import { parseJobRecord } from './read-job.js';
import { assertNotDeleted } from './tombstones.js';

/**
 * Claims the version for this job, or finds that the same job has claimed it.
 * Errors: FINGERPRINT_MISMATCH, EDITION_MISMATCH and VERSION_CONFLICT as in `checkVersion`;
 * EDITION_MISMATCH also for a job that a command of another release prepared.
 */
export async function createVersion(store: ObjectStore, job: JobRecord): Promise<void> {
  assertSameEditions(job);
  const key = versionLayout(job.spec.dataset, job.spec.version).job;
  const { created, bytes } = await createOnce(store, key, encodeJson(job));
  if (created) await noteBegun(store, job);
  else assertSameJob(job, parseJobRecord(bytes, `${store.root}/${key}`), `${store.root}/${key}`);
}

/**
 * Makes the same check without writing, so that a job can be refused before it starts.
 * Errors: FINGERPRINT_MISMATCH if the version holds vectors of another model; EDITION_MISMATCH if
 * it was begun by a release that makes other documents, chunks or terms from the same bytes;
 * VERSION_CONFLICT if it was made by a job that differs in anything but its limits; VERSION_RETIRED
 * if it was deleted.
 */
export async function checkVersion(
  store: ObjectStore,
  job: JobRecord,
): Promise<'new' | 'started' | 'complete'> {
  const { dataset, version } = job.spec;
  const layout = versionLayout(dataset, version);
  await assertNotDeleted(store, dataset, version);
  if (!(await store.head(layout.job))) return 'new';
  const file = `${store.root}/${layout.job}`;
  assertSameJob(job, parseJobRecord(await store.get(layout.job), file), file);
  return (await store.head(layout.manifest)) ? 'complete' : 'started';
}

/**
 * Checks that the job that made a version is the one that asks for it now. `file` is where the
 * existing job is stored.
 * Errors: FINGERPRINT_MISMATCH, EDITION_MISMATCH and VERSION_CONFLICT as in `checkVersion`.
 */
export function assertSameJob(job: JobRecord, existing: JobRecord, file?: string): void {
  const { dataset, version } = job.spec;
  if (existing.fingerprint !== job.fingerprint) {
    throw new VectormillError(
      'FINGERPRINT_MISMATCH',
      `${dataset}@${version} holds vectors of ${describe(existing)}, and this job would write ${describe(job)}: these are two vector spaces`,
      { component: 'version', ...(file && { file }), remedy: 'Give this job a `version` of its own.' },
    );
  }
  assertSameEditions(existing, job, file);
  const fields = differingFields(job, existing, (a, b) => canonicalJson(a) === canonicalJson(b));
  if (fields.length > 0) {
    throw new VectormillError(
      'VERSION_CONFLICT',
      `${dataset}@${version} was started by a job with other values for: ${fields.join(', ')}`,
      {
        component: 'version',
        ...(file && { file }),
        remedy: 'Restore those values to resume it, or give this job a `version` of its own.',
      },
    );
  }
}

function describe(job: JobRecord): string {
  return `${job.signature.name} (fingerprint ${job.fingerprint.slice(0, 12)})`;
}
