import type { JobObservation } from './observe-job.js';
import { type JobView, ProgressTracker } from './progress-tracker.js';

/** Returns a job from a single observation. Its rates are those since the current phase began. */
export function viewJob(observation: JobObservation): JobView {
  return new ProgressTracker().view(observation, performance.now());
}
