import { VectormillError } from '../../core/errors.js';

/**
 * Returns the error for a command on a job that is being cancelled. Such a job neither pauses nor
 * goes on, and cannot be cancelled again.
 */
export function jobCancelling(job: string): VectormillError {
  return new VectormillError(
    'JOB_CANCELLING',
    `${job} is being cancelled: the parts in hand are finished first`,
    {
      component: 'cli',
      remedy:
        'Wait until `vectormill status` says that it has ended; the command that began it then goes on from what is finished.',
    },
  );
}
