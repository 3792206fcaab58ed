import { VectormillError } from '../../core/errors.js';

/**
 * Throws once the signal is aborted. It is called between parts, where stopping costs nothing.
 * Errors: CANCELLED.
 */
export function throwIfStopped(signal: AbortSignal): void {
  if (!signal.aborted) return;
  throw new VectormillError('CANCELLED', 'the work was asked to stop and has stored what it finished', {
    component: 'steps',
    remedy: 'Resume or run the job again; finished parts are kept.',
    cause: signal.reason,
  });
}
