import { ChildWorkflowCancellationType, executeChild, ParentClosePolicy } from '@temporalio/workflow';
import type { NightProgress } from '../core/schedule/night.js';
import { type NightSteps, reportStep } from '../core/schedule/night-course.js';
import type { ScheduleRecord } from '../core/schedule/schedule-record.js';
import { indexWorkflowId, miningWorkflowId, workflowId } from '../core/workflow-api.js';
import { control, nightControl } from './activity-proxies.js';
import { buildIndex } from './build-index.js';
import { embedJob } from './embed-job.js';
import { mineJob } from './mine-job.js';

/** The options by which a night that is cancelled ends when its step has ended. */
const CHILD = {
  parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
  cancellationType: ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED,
} as const;

/**
 * Returns the steps of a night as workers run them. Embedding, mining and indexing are the same
 * workflows that commands start, so that `status`, `pause` and `cancel` find them by the version.
 */
export function nightSteps(schedule: ScheduleRecord, progress: NightProgress): NightSteps {
  return {
    openNight: (version) => nightControl.openNight(schedule, version),
    embed: (job) => {
      const { output, dataset, version } = job.spec;
      const id = workflowId(job.spec);
      reportStep(progress, 'embed', { workflowId: id });
      const memo = { dataset, version, output, job };
      return executeChild(embedJob, { ...CHILD, workflowId: id, memo, args: [{ job }] });
    },
    prepareTriplets: (mine, version) => nightControl.prepareTriplets(schedule, mine, version),
    mine: (record) => {
      const id = miningWorkflowId(record.spec);
      reportStep(progress, 'mine', { workflowId: id });
      const { concurrency } = schedule.job.spec.limits;
      return executeChild(mineJob, { ...CHILD, workflowId: id, args: [{ record, concurrency }] });
    },
    countTriplets: (record) => nightControl.countTriplets(record),
    buildIndex: (job) => {
      const id = indexWorkflowId(job);
      reportStep(progress, 'index', { workflowId: id });
      return executeChild(buildIndex, { ...CHILD, workflowId: id, args: [{ job }] });
    },
    finishNight: (night) => nightControl.finishNight(schedule, night),
    collect: (location, policy) => control.collect(location, policy),
  };
}
