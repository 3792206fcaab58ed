import { WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure, CancelledFailure, RetryState } from '@temporalio/common';
import { expect, test } from 'vitest';
import { jobFailure } from '../../../cli/job/job-failure.js';
import { ERROR_KINDS, exitCodeOf, type VectormillError } from '../../../core/errors.js';

const ended = (cause: Error) =>
  jobFailure(new WorkflowFailedError('ended', cause, RetryState.NON_RETRYABLE_FAILURE));

test('the error of a failed job is the one that its activity raised, with file and remedy', () => {
  const details = [{ component: 'store', remedy: 'Do this.', file: 's3://b/k', position: 3 }];
  const cause = ApplicationFailure.create({ type: 'PART_CONFLICT', message: 'it stands', details });
  const error = ended(new Error('child', { cause })) as VectormillError;
  expect(error).toMatchObject({
    code: 'PART_CONFLICT',
    message: 'it stands',
    file: 's3://b/k',
    position: 3,
    remedy: 'Do this.',
  });
});

const of = (type: string, remedy: string) =>
  ended(
    ApplicationFailure.create({ type, message: 'x', details: [{ remedy, worker: '7@mill' }] }),
  ) as VectormillError;

test('a job that has begun is never reported as refused, whatever the code, and the worker is named', () => {
  const refused = Object.entries(ERROR_KINDS).filter(([, kind]) => kind === 'refused');
  for (const [code] of refused) {
    expect([code, exitCodeOf(of(code, 'Do this.'))]).toEqual([code, 1]);
    expect(of(code, 'Do this.')).toMatchObject({ code, worker: '7@mill' });
  }
});

test('the error says how to continue: with another version where the input was wrong, else with the same command', () => {
  expect(of('INPUT_UNSUPPORTED', 'set input.columns').remedy).toMatch(
    /^set input\.columns\. A version .*`version`/,
  );
  expect(of('STORE_DENIED', 'Mount it.').remedy).toMatch(/^Mount it\. Then give the same command again/);
  expect(of('STORE_FULL', 'Make room.').remedy).toMatch(/^Make room\. Then give the same command again/);
  expect(of('PART_CONFLICT', 'Do this.').remedy).toBe('Do this.');
});

test('a night continues as its schedule says, and gets no advice for a job', () => {
  const details = [{ remedy: 'set input.columns' }];
  const cause = ApplicationFailure.create({ type: 'INPUT_UNSUPPORTED', message: 'x', details });
  const failure = new WorkflowFailedError('ended', cause, RetryState.NON_RETRYABLE_FAILURE);
  expect(jobFailure(failure, 'night')).toMatchObject({
    code: 'INPUT_UNSUPPORTED',
    remedy: 'set input.columns',
  });
});

test('a failure of an unknown type is internal', () => {
  expect(ended(ApplicationFailure.create({ type: 'TypeError', message: 'x' }))).toMatchObject({
    code: 'INTERNAL',
  });
});

test('a cancelled job says that its parts are kept', () => {
  expect(ended(new CancelledFailure('cancelled'))).toMatchObject({ code: 'CANCELLED' });
});

test('an error that does not end a job stays as it is', () => {
  const error = new Error('network');
  expect(jobFailure(error)).toBe(error);
});
