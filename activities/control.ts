import type { BucketRange } from '../core/buckets.js';
import type { ComparedDocuments, DeletedDocuments } from '../core/carry/resolved-documents.js';
import type { WrittenVersion } from '../core/job-course.js';
import type { JobRecord, VersionLocation } from '../core/job-spec.js';
import type { ManifestTimings } from '../core/manifest.js';
import type { CollectionResult } from '../core/retention/collection.js';
import type { RetentionPolicy } from '../core/retention/retention-policy.js';
import { collectAfter } from '../engine/retention/collect-after.js';
import { countDeletes } from '../engine/steps/carry/count-deletes.js';
import { resolveDocuments } from '../engine/steps/carry/resolve-documents.js';
import { forgetPlan, keepPlan } from '../engine/steps/carry/settle-plan.js';
import { findDuplicates } from '../engine/steps/find-duplicates.js';
import { claimVersion, type PlanSummary, planVersion } from '../engine/steps/plan-version.js';
import { reduceRanges, removeFloat32 } from '../engine/steps/reduce-ranges.js';
import { writeManifest, writtenVersion } from '../engine/steps/write-manifest.js';
import type { ActivityTools } from './activity-tools.js';
import { runStep } from './run-step.js';

export type ControlActivities = ReturnType<typeof createControlActivities>;

/**
 * Returns the activities of the `control` queue. They are small, need no model, and run one at a
 * time for each job.
 */
export function createControlActivities(tools: ActivityTools) {
  return {
    claimVersion: (job: JobRecord): Promise<void> =>
      runStep(tools.draining, (run) => claimVersion(tools, job, run)),

    planVersion: (location: VersionLocation): Promise<PlanSummary> =>
      runStep(tools.draining, async () => planVersion(tools, await tools.openVersion(location))),

    findDuplicates: (location: VersionLocation, range: BucketRange, groupSize?: number): Promise<number> =>
      runStep(tools.draining, async (run) =>
        findDuplicates(await tools.openVersion(location), range, run, groupSize),
      ),

    resolveDocuments: (location: VersionLocation): Promise<ComparedDocuments> =>
      runStep(tools.draining, async (run) => {
        const compared = await resolveDocuments(await tools.openVersion(location), run);
        if (compared.kind === 'scan-more') return compared;
        // What concerns single documents stays on storage.
        const { pieces, promoted, demoted, rejectFiles, ...counts } = compared;
        return counts;
      }),

    countDeletes: (
      location: VersionLocation,
      ids: number,
      groupSize?: number,
    ): Promise<DeletedDocuments | undefined> =>
      runStep(tools.draining, async (run) =>
        countDeletes(await tools.openVersion(location), { ids, groupSize }, run),
      ),

    forgetPlan: (location: VersionLocation): Promise<void> =>
      runStep(tools.draining, () => forgetPlan(tools.openStore(location.output), location)),

    keepPlan: (location: VersionLocation): Promise<void> =>
      runStep(tools.draining, async () => keepPlan(await tools.openVersion(location))),

    reduceRanges: (location: VersionLocation, groupSize?: number): Promise<void> =>
      runStep(tools.draining, async (run) => reduceRanges(await tools.openVersion(location), run, groupSize)),

    removeFloat32: (location: VersionLocation): Promise<void> =>
      runStep(tools.draining, async (run) => removeFloat32(await tools.openVersion(location), run)),

    collect: (location: VersionLocation, policy: RetentionPolicy): Promise<CollectionResult> =>
      runStep(tools.draining, ({ signal }) =>
        collectAfter(tools.openStore, location, policy, { signal, onDeleted: () => {} }),
      ),

    writeManifest: (
      location: VersionLocation,
      timings: ManifestTimings,
      groupSize?: number,
    ): Promise<WrittenVersion> =>
      runStep(tools.draining, async (run) => {
        const version = await tools.openVersion(location);
        const written = await writeManifest(version, timings, run, { groupSize });
        return writtenVersion(version, written, timings);
      }),
  };
}
