import type { BucketRange } from '../core/buckets.js';
import type { JobRecord, VersionLocation } from '../core/job-spec.js';
import type { ManifestTimings } from '../core/manifest.js';
import type { JobSummary } from '../core/workflow-api.js';
import { findDuplicates } from '../engine/steps/find-duplicates.js';
import { claimVersion, type PlanSummary, planVersion } from '../engine/steps/plan-version.js';
import { writeManifest } from '../engine/steps/write-manifest.js';
import type { ActivityTools } from './activity-tools.js';
import { runStep } from './run-step.js';

export type ControlActivities = ReturnType<typeof createControlActivities>;

/** Activities of the `control` queue: small, one at a time a job, no model. */
export function createControlActivities(tools: ActivityTools) {
  return {
    claimVersion: (job: JobRecord): Promise<void> => runStep(tools.draining, () => claimVersion(tools, job)),

    planVersion: (location: VersionLocation): Promise<PlanSummary> =>
      runStep(tools.draining, async () => planVersion(tools, await tools.openVersion(location))),

    findDuplicates: (location: VersionLocation, range: BucketRange): Promise<number> =>
      runStep(tools.draining, async (run) => findDuplicates(await tools.openVersion(location), range, run)),

    writeManifest: (
      location: VersionLocation,
      timings: ManifestTimings,
    ): Promise<Omit<JobSummary, 'elapsedMs'>> =>
      runStep(tools.draining, async (run) => {
        const version = await tools.openVersion(location);
        const { fingerprint, totals, cost, rejects } = await writeManifest(version, timings, run);
        const manifest = `${version.store.root}/${version.layout.manifest}`;
        return { manifest, fingerprint, totals, ...(cost && { cost }), rejects };
      }),
  };
}
