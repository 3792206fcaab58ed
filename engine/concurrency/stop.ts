import { VectormillError } from '../../core/errors.js';

/** Errors: CANCELLED once the signal is aborted. Called between parts, where stopping costs nothing. */
export function throwIfStopped(signal: AbortSignal): void {
  if (!signal.aborted) return;
  throw new VectormillError('CANCELLED', 'the work was asked to stop and has put away what it finished', {
    component: 'steps',
    remedy: 'Resume or run the job again; finished parts are kept.',
    cause: signal.reason,
  });
}
