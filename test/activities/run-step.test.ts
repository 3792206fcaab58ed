import { hostname } from 'node:os';
import { CancelledFailure } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { describe, expect, it } from 'vitest';
import { runStep, toFailure } from '../../activities/run-step.js';
import { ERROR_KINDS, type ErrorCode, VectormillError } from '../../core/errors.js';
import { throwIfStopped } from '../../engine/concurrency/stop.js';
import type { StepRun } from '../../engine/steps/step-context.js';

// Failures that a test asks for are not logged.
const quiet = { logger: new DefaultLogger('ERROR') };
const WORKER = `${process.pid}@${hostname()}`;
const codes = Object.keys(ERROR_KINDS) as ErrorCode[];
const errorOf = (code: ErrorCode) =>
  new VectormillError(code, 'what happened', {
    component: 'store',
    remedy: 'Do this.',
    file: 's3://b/k',
    position: 3,
  });

describe('an error that leaves a step', () => {
  it.each(codes)('%s becomes a failure of that type that Temporal retries if its kind says so', (code) => {
    const failure = toFailure(errorOf(code), { cancelled: false, attempt: 1 });
    expect(failure).toMatchObject({
      type: code,
      message: 'what happened',
      nonRetryable: ERROR_KINDS[code] !== 'retryable' && code !== 'CANCELLED',
      details: [{ component: 'store', remedy: 'Do this.', file: 's3://b/k', position: 3, worker: WORKER }],
    });
  });

  it('because it was cancelled is a cancellation, and one that failed for another reason is still that failure', () => {
    expect(toFailure(errorOf('CANCELLED'), { cancelled: true, attempt: 1 })).toBeInstanceOf(CancelledFailure);
    expect(toFailure(errorOf('PART_CONFLICT'), { cancelled: true, attempt: 1 })).toMatchObject({
      type: 'PART_CONFLICT',
      nonRetryable: true,
    });
  });

  it('without a code is INTERNAL, is tried a few times, and keeps its cause', () => {
    const cause = new TypeError('x is not a function');
    const failures = [1, 2, 3, 4, 5].map((attempt) => toFailure(cause, { cancelled: false, attempt }));
    expect(failures.map((failure) => (failure as ApplicationFailure).nonRetryable)).toEqual([
      false,
      false,
      false,
      false,
      true,
    ]);
    expect(failures[0]).toMatchObject({ type: 'INTERNAL', message: 'TypeError: x is not a function', cause });
    expect(toFailure('a string', { cancelled: false, attempt: 1 })).toMatchObject({ message: 'a string' });
  });
});

describe('an error of a local file that leaves a step', () => {
  it.each([
    ['EROFS', 'STORE_DENIED'],
    ['ENOSPC', 'STORE_FULL'],
  ])('%s is %s, and no defect that is tried again', (code, type) => {
    const error = Object.assign(new Error(code), { code, path: '/cache/graphs' });
    const failure = toFailure(error, { cancelled: false, attempt: 1 });
    expect(failure).toMatchObject({ type, nonRetryable: true, details: [{ worker: WORKER }] });
  });
});

describe('a step inside an activity', () => {
  const never = new AbortController().signal;
  const untilStopped = async (run: StepRun) => {
    await new Promise((resolve) => run.signal.addEventListener('abort', resolve));
    throwIfStopped(run.signal);
  };

  it('is named by its run, activity and attempt, and beats before it begins', async () => {
    const environment = new MockActivityEnvironment({ attempt: 3, activityId: '17' }, quiet);
    const beats: unknown[] = [];
    environment.on('heartbeat', (details: unknown) => beats.push(details));
    const attempt = await environment.run(() => runStep(never, async (run) => run.attempt));
    expect(attempt).toMatch(/\/17\/3$/);
    expect(beats).toEqual([undefined]);
  });

  it('that is cancelled stops as cancelled', async () => {
    const environment = new MockActivityEnvironment({}, quiet);
    const running = environment.run(() => runStep(never, untilStopped));
    environment.cancel();
    await expect(running).rejects.toBeInstanceOf(CancelledFailure);
  });

  it('on a worker that is asked to stop fails in a way that lets another worker continue it', async () => {
    const draining = new AbortController();
    const running = new MockActivityEnvironment({}, quiet).run(() => runStep(draining.signal, untilStopped));
    draining.abort();
    await expect(running).rejects.toMatchObject({ type: 'CANCELLED', nonRetryable: false });
    await expect(running).rejects.toBeInstanceOf(ApplicationFailure);
  });
});
