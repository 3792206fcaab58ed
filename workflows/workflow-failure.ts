import { ApplicationFailure } from '@temporalio/workflow';
import type { ErrorCode } from '../core/errors.js';
import { type FailureDetails, failureOptions } from '../core/failure.js';

/**
 * Returns the failure of a workflow itself. It is final whatever the code, because Temporal does
 * not run a workflow again.
 */
export function workflowFailure(
  code: ErrorCode,
  message: string,
  details: FailureDetails,
  cause?: unknown,
): ApplicationFailure {
  return ApplicationFailure.create(failureOptions(code, message, details, { nonRetryable: true, cause }));
}

/** Returns the failure that an activity or a child workflow met, from the chain of its causes. */
export function applicationFailureOf(error: unknown): ApplicationFailure | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause)
    if (cause instanceof ApplicationFailure) return cause;
  return undefined;
}
