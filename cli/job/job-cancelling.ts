import { VectormillError } from '../../core/errors.js';

/**
 * Why nothing can be done with a job that is being cancelled: it neither pauses nor goes on, and
 * has been cancelled once.
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
