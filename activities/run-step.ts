import { hostname } from 'node:os';
import { CancelledFailure, Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { VectormillError } from '../core/errors.js';
import { failureOptions } from '../core/failure.js';
import type { ActivityPosition } from '../core/progress.js';
import type { StepRun } from '../engine/steps/step-context.js';
import { localFileError } from '../engine/store/file-errors.js';

/** Well under the workflows' heartbeat timeout, so that a late beat costs nothing. */
const HEARTBEAT_MS = 1000;

/**
 * An error without a code of ours is a defect; it gets this many chances in case it was a passing
 * one.
 */
const UNKNOWN_ERROR_ATTEMPTS = 5;

/** This process under the name that Temporal's SDK gives its workers. */
const WORKER = `${process.pid}@${hostname()}`;

/**
 * Runs a step inside an activity: beats while it works, hands it a stop signal for cancellation and
 * for a draining worker, and maps what it throws.
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
      signal: AbortSignal.any([context.cancellationSignal, draining]),
      before,
      onPosition: (next) => {
        position = next;
      },
    });
  } catch (error) {
    // The next attempt is told the last position, not that of the last second.
    context.heartbeat(position);
    throw toFailure(error, { cancelled: context.cancellationSignal.aborted, attempt: info.attempt });
  } finally {
    clearInterval(beat);
  }
}

/** The workflow run that scheduled the activity of the caller. */
export function workflowRun(): string | undefined {
  return Context.current().info.workflowExecution?.runId;
}

/** The one place that maps errors to what Temporal does next. */
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
