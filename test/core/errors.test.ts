import { describe, expect, it } from 'vitest';
import {
  ERROR_KINDS,
  type ErrorCode,
  exitCodeOf,
  FINAL_CODES,
  isFinal,
  isVectormillError,
  refusalsAsFailures,
  VectormillError,
} from '../../core/errors.js';

const codes = Object.keys(ERROR_KINDS) as ErrorCode[];

describe('error codes', () => {
  it.each(codes)('%s has a kind and an exit code that follows from it', (code) => {
    expect(['refused', 'failed', 'retryable']).toContain(ERROR_KINDS[code]);
    expect(exitCodeOf({ code, hasBegun: false })).toBe(ERROR_KINDS[code] === 'refused' ? 2 : 1);
    expect(exitCodeOf({ code, hasBegun: true })).toBe(1);
  });

  it('are final if a retry cannot help, except for a defect and for work that was asked to stop', () => {
    const final = codes.filter((code) => FINAL_CODES.includes(code));
    const rest = codes.filter((code) => !FINAL_CODES.includes(code));
    expect(final.every((code) => ERROR_KINDS[code] !== 'retryable')).toBe(true);
    expect(rest.filter((code) => ERROR_KINDS[code] !== 'retryable')).toEqual(['CANCELLED', 'INTERNAL']);
  });

  it.each(codes)('%s is final for a retry policy if it is final for a failure, and not INTERNAL', (code) => {
    expect(FINAL_CODES.includes(code)).toBe(isFinal(code) && code !== 'INTERNAL');
    expect(isFinal(code)).toBe(ERROR_KINDS[code] !== 'retryable' && code !== 'CANCELLED');
  });
});

describe('a VectormillError', () => {
  it('carries its code, component, remedy, place and cause', () => {
    const cause = new Error('socket');
    const error = new VectormillError('STORE_UNAVAILABLE', 'the store does not answer', {
      component: 'store',
      remedy: 'Start it.',
      file: 's3://bucket/key',
      position: 7,
      cause,
    });
    expect(error).toMatchObject({
      name: 'VectormillError',
      code: 'STORE_UNAVAILABLE',
      component: 'store',
      remedy: 'Start it.',
      file: 's3://bucket/key',
      position: 7,
      cause,
    });
    expect(isVectormillError(error)).toBe(true);
    expect(isVectormillError(cause)).toBe(false);
  });
});

describe('work that has begun', () => {
  const details = {
    component: 'store',
    remedy: 'Mount it.',
    file: 'file:///out',
    position: 3,
    worker: '1@host',
    cause: new Error('EROFS'),
  };

  it('fails with what it would have been refused for, and nothing of the error is lost', async () => {
    const refusal = new VectormillError('STORE_DENIED', 'it is read-only', details);
    const failure = (await refusalsAsFailures(async () => {
      throw refusal;
    }).catch((error: unknown) => error)) as VectormillError;
    expect([exitCodeOf(refusal), exitCodeOf(failure)]).toEqual([2, 1]);
    expect(failure).toMatchObject({ code: 'STORE_DENIED', message: 'it is read-only', ...details });
  });

  it('returns what it made, and passes on errors that are not ours', async () => {
    expect(await refusalsAsFailures(async () => 7)).toBe(7);
    const defect = new TypeError('x');
    await expect(refusalsAsFailures(() => Promise.reject(defect))).rejects.toBe(defect);
  });
});
