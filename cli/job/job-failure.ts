import { WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { ERROR_KINDS, type ErrorCode, VectormillError } from '../../core/errors.js';

interface FailureDetails {
  component?: string;
  remedy?: string;
  file?: string;
  position?: number;
}

/** The error behind a job's end, as the activity raised it. */
export function jobFailure(error: unknown): unknown {
  if (!(error instanceof WorkflowFailedError)) return error;
  for (let cause: unknown = error.cause; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof ApplicationFailure) return fromApplicationFailure(cause);
    if (cause instanceof CancelledFailure) return cancelled();
  }
  return error;
}

function fromApplicationFailure(failure: ApplicationFailure): VectormillError {
  const code = (failure.type ?? '') in ERROR_KINDS ? (failure.type as ErrorCode) : 'INTERNAL';
  const details = (failure.details?.[0] ?? {}) as FailureDetails;
  return new VectormillError(code, failure.message, {
    component: details.component ?? 'workflow',
    remedy: details.remedy ?? 'Look into the worker log around this time.',
    ...(details.file ? { file: details.file } : {}),
    ...(details.position === undefined || details.position === null ? {} : { position: details.position }),
  });
}

function cancelled(): VectormillError {
  return new VectormillError('CANCELLED', 'the job was cancelled; its finished parts are kept', {
    component: 'workflow',
    remedy: 'Run the same job file again to go on where it stopped.',
  });
}
