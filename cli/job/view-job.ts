import type { JobObservation } from './observe-job.js';
import { type JobView, ProgressTracker } from './progress-tracker.js';

/** A job as it is now, by one look; rates are those since its phase began. */
export function viewJob(observation: JobObservation): JobView {
  return new ProgressTracker().view(observation, performance.now());
}
