import { defineQuery, setHandler, workflowInfo } from '@temporalio/workflow';
import type { NightProgress, NightSummary } from '../core/schedule/night.js';
import { nightProgress, takeNight } from '../core/schedule/night-course.js';
import { type NightInput, scheduleOfNight } from '../core/schedule/night-request.js';
import { QUERIES } from '../core/workflow-api.js';
import { nightFailure } from './night-failure.js';
import { nightSteps } from './night-steps.js';

/**
 * Takes a night through its course, in which each step is the same workflow that runs by itself.
 * The version is named after the time that the schedule set, so that a night that is run again for
 * that time continues what it left. A night fails with the code of the step that failed; the ref
 * then stays where it was.
 */
export async function nightlyJob(input: NightInput): Promise<NightSummary> {
  const { startTime, searchAttributes } = workflowInfo();
  // The time that the schedule set, or the time of a trigger. The server adds it to whatever a
  // schedule starts.
  const [scheduled] = searchAttributes.TemporalScheduledStartTime ?? [];
  const scheduledAt = (scheduled instanceof Date ? scheduled : startTime).getTime();
  const schedule = scheduleOfNight(input, scheduledAt);
  const progress = nightProgress(schedule, { scheduledAt, startedAt: startTime.getTime() });
  setHandler(defineQuery<NightProgress>(QUERIES.progress), () => progress);
  try {
    return await takeNight(schedule, nightSteps(schedule, progress), { progress, now: () => Date.now() });
  } catch (error) {
    throw nightFailure(error, progress);
  }
}
