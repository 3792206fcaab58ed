import { hostname } from 'node:os';
import { CancelledFailure, Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { VectormillError } from '../core/errors.js';
import { failureOptions } from '../core/failure.js';
import type { ActivityPosition } from '../core/progress.js';
import { UNKNOWN_ERROR_ATTEMPTS } from '../core/retry-policy.js';
import type { StepRun } from '../engine/steps/step-context.js';
import { localFileError } from '../engine/store/file-errors.js';

/**
 * This is far below the heartbeat timeout of the workflows, so that a late heartbeat does no harm.
 */
const HEARTBEAT_MS = 1000;

/** The name that Temporal's SDK gives the workers of this process. */
const WORKER = `${process.pid}@${hostname()}`;

/**
 * Runs a step inside an activity. It sends heartbeats while the step works, passes it a stop signal
 * for cancellation and for a worker that is stopping, and maps the errors that it throws.
 */
export async function runStep<T>(draining: AbortSignal, step: (run: StepRun) => Promise<T>): Promise<T> {
  const context = Context.current();
  const { info } = context;
  const before = info.heartbeatDetails as ActivityPosition | undefined;
  let position = before;
  const beat = setInterval(() => context.heartbeat(position), HEARTBEAT_MS);
  context.heartbeat(position);
  try {
    return await step({
      attempt: `${info.workflowExecution?.runId ?? info.taskQueue}/${info.activityId}/${info.attempt}`,
      owner: { workflow: info.workflowExecution?.workflowId ?? info.activityId },
      signal: AbortSignal.any([context.cancellationSignal, draining]),
      before,
      onPosition: (next) => {
        position = next;
      },
    });
  } catch (error) {
    // Sends the last position at once, so that the next attempt does not get the position of a
    // second ago.
    context.heartbeat(position);
    throw toFailure(error, { cancelled: context.cancellationSignal.aborted, attempt: info.attempt });
  } finally {
    clearInterval(beat);
  }
}

/** Returns the workflow run that scheduled the activity in which this is called. */
export function workflowRun(): string | undefined {
  return Context.current().info.workflowExecution?.runId;
}

/** Maps an error to what Temporal does next. No other place does so. */
export function toFailure(thrown: unknown, state: { cancelled: boolean; attempt: number }): Error {
  const error = localFileError(thrown) ?? thrown;
  if (error instanceof VectormillError) {
    if (error.code === 'CANCELLED' && state.cancelled) return new CancelledFailure(error.message);
    const { code, component, remedy, file, position } = error;
    return ApplicationFailure.create(
      failureOptions(code, error.message, { component, remedy, file, position, worker: WORKER }),
    );
  }
  const remedy = 'This is a defect; report it with the worker log around this time.';
  return ApplicationFailure.create(
    failureOptions(
      'INTERNAL',
      error instanceof Error ? `${error.name}: ${error.message}` : String(error),
      { component: 'activity', remedy, worker: WORKER },
      { nonRetryable: state.attempt >= UNKNOWN_ERROR_ATTEMPTS, cause: error },
    ),
  );
}
