import { describe, expect, it } from 'vitest';
import { codeOfFailure, detailsOfFailure, failureOptions } from '../../core/failure.js';

const details = { component: 'store', remedy: 'Do this.', file: 's3://b/k', position: 3, worker: '1@host' };

describe('a failure for a history', () => {
  it('is final as its code says, unless the caller knows better', () => {
    expect(failureOptions('STORE_FULL', 'full', details).nonRetryable).toBe(true);
    expect(failureOptions('STORE_UNAVAILABLE', 'away', details).nonRetryable).toBe(false);
    expect(failureOptions('CANCELLED', 'stopped', details).nonRetryable).toBe(false);
    expect(failureOptions('INTERNAL', 'x', details, { nonRetryable: false }).nonRetryable).toBe(false);
  });

  it('keeps an error as its cause, and nothing else', () => {
    const cause = new TypeError('x is not a function');
    expect(failureOptions('INTERNAL', 'x', details, { cause })).toMatchObject({ cause });
    expect(failureOptions('INTERNAL', 'x', details, { cause: 'a string' })).not.toHaveProperty('cause');
  });
});

describe('a failure from a history', () => {
  it('is read as it was written', () => {
    const failure = failureOptions('PART_CONFLICT', 'what happened', details);
    expect(codeOfFailure(failure)).toBe('PART_CONFLICT');
    expect(detailsOfFailure(failure)).toEqual(details);
  });

  it('of a code that this release does not know is INTERNAL', () => {
    for (const type of ['NEWER_CODE', 'toString', '', null, undefined])
      expect(codeOfFailure({ type })).toBe('INTERNAL');
  });

  it('that says nothing about itself points to the log of the worker', () => {
    const remedy = 'Look into the worker log around this time.';
    for (const details of [undefined, null, [], [null], [{}]])
      expect(detailsOfFailure({ details })).toEqual({ component: 'workflow', remedy });
  });
});
