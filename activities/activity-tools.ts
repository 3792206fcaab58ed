import type { StepTools } from '../engine/steps/step-context.js';
import type { VersionOpener } from '../engine/version/open-version.js';

/** What a worker hands to every activity it serves. */
export interface ActivityTools extends StepTools {
  openVersion: VersionOpener;
  /** Aborted when the worker was told to stop; work ends at the next part. */
  draining: AbortSignal;
}
