import { WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure, CancelledFailure, RetryState } from '@temporalio/common';
import { expect, test } from 'vitest';
import { jobFailure } from '../../../cli/job/job-failure.js';
import type { VectormillError } from '../../../core/errors.js';

const ended = (cause: Error) =>
  jobFailure(new WorkflowFailedError('ended', cause, RetryState.NON_RETRYABLE_FAILURE));

test("a job's end is the error that its activity raised, with file and remedy", () => {
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

test('a failure of an unknown type is internal', () => {
  expect(ended(ApplicationFailure.create({ type: 'TypeError', message: 'x' }))).toMatchObject({
    code: 'INTERNAL',
  });
});

test('a cancelled job says that its parts are kept', () => {
  expect(ended(new CancelledFailure('cancelled'))).toMatchObject({ code: 'CANCELLED' });
});

test('what is no end of a job stays as it is', () => {
  const error = new Error('network');
  expect(jobFailure(error)).toBe(error);
});
