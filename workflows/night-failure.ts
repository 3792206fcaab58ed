import {
  ApplicationFailure,
  CancellationScope,
  CancelledFailure,
  TemporalFailure,
  TerminatedFailure,
} from '@temporalio/workflow';
import { codeOfFailure, detailsOfFailure } from '../core/failure.js';
import type { NightProgress } from '../core/schedule/night.js';
import { workflowFailure } from './workflow-failure.js';

/**
 * Returns the failure of a night. It has the code, the message and the remedy of the failed step,
 * and the progress of the night, so that the history alone says what to do. A night that was itself
 * cancelled stays cancelled.
 */
export function nightFailure(error: unknown, progress: NightProgress): unknown {
  if (CancellationScope.current().consideredCancelled) return error;
  const cause = causeOf(error);
  if (cause instanceof ApplicationFailure) {
    const details = { ...detailsOfFailure(cause), night: progress };
    return workflowFailure(codeOfFailure(cause), cause.message, details, error);
  }
  const { dataset, version, schedule } = progress;
  const remedy = `\`vectormill status ${schedule}\` says how to go on.`;
  const details = { component: 'workflow', remedy, night: progress };
  if (isAlreadyStarted(cause)) {
    const message = `another run of a step of ${dataset}@${version} is not over yet`;
    return workflowFailure('VERSION_CONFLICT', message, details, error);
  }
  if (cause instanceof CancelledFailure || cause instanceof TerminatedFailure) {
    const message = `a step of ${dataset}@${version} was cancelled; its finished parts are kept`;
    return workflowFailure('CANCELLED', message, details, error);
  }
  return error;
}

/** Returns the first error in the chain of causes that says what happened, and not only where. */
function causeOf(error: unknown): unknown {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (
      cause instanceof ApplicationFailure ||
      cause instanceof CancelledFailure ||
      cause instanceof TerminatedFailure ||
      isAlreadyStarted(cause)
    )
      return cause;
  }
  return undefined;
}

/** `@temporalio/workflow` throws this error without exporting its class. */
function isAlreadyStarted(error: unknown): boolean {
  return error instanceof TemporalFailure && error.name === 'WorkflowExecutionAlreadyStartedError';
}
