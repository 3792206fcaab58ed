import { WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure, CancelledFailure, TerminatedFailure, TimeoutFailure } from '@temporalio/common';
import { ERROR_KINDS, type ErrorCode, VectormillError } from '../../core/errors.js';
import { codeOfFailure, detailsOfFailure } from '../../core/failure.js';

/**
 * Codes of errors in what a job reads. The version keeps its input and its job, so that a
 * correction needs another version.
 */
const OF_THE_INPUT: readonly ErrorCode[] = [
  'JOB_INVALID',
  'INPUT_NOT_FOUND',
  'INPUT_EMPTY',
  'INPUT_UNSUPPORTED',
];

/**
 * Returns the error behind the end of a job, as the activity threw it. The job had begun, so that
 * none of these errors is a refusal. A job continues with the command that began it; a night
 * continues as its schedule says.
 */
export function jobFailure(error: unknown, of: 'job' | 'night' = 'job'): unknown {
  if (!(error instanceof WorkflowFailedError)) return error;
  for (let cause: unknown = error.cause; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof ApplicationFailure) return fromApplicationFailure(cause, of);
    if (cause instanceof CancelledFailure) return cancelled();
    if (cause instanceof TerminatedFailure) return ended('terminated');
    if (cause instanceof TimeoutFailure) return ended('ended by a time limit');
  }
  return error;
}

function fromApplicationFailure(failure: ApplicationFailure, of: 'job' | 'night'): VectormillError {
  const code = codeOfFailure(failure);
  const { component, remedy, file, position, worker } = detailsOfFailure(failure);
  return new VectormillError(code, failure.message, {
    component,
    remedy: of === 'job' ? nextStepAfter(code, remedy) : remedy,
    ...(file ? { file } : {}),
    ...(position === undefined || position === null ? {} : { position }),
    ...(worker ? { worker } : {}),
    hasBegun: true,
  });
}

/** Says what to do about the cause, and then how the job continues. */
function nextStepAfter(code: ErrorCode, remedy: string): string {
  if (ERROR_KINDS[code] !== 'refused' && code !== 'STORE_FULL') return remedy;
  const next = OF_THE_INPUT.includes(code)
    ? 'A version keeps the job and the input that it began with: give what is mended a `version` of its own.'
    : 'Then give the same command again: it goes on from what is finished.';
  return `${remedy.replace(/[.;]?$/, '.')} ${next}`;
}

function cancelled(): VectormillError {
  return ended('cancelled');
}

function ended(how: string): VectormillError {
  return new VectormillError('CANCELLED', `the job was ${how}; its finished parts are kept`, {
    component: 'workflow',
    remedy: 'Run the same job file again to go on where it stopped.',
  });
}
