import { describe, expect, it } from 'vitest';
import {
  ERROR_KINDS,
  type ErrorCode,
  exitCodeOf,
  FINAL_CODES,
  isVectormillError,
  VectormillError,
} from '../../core/errors.js';

const codes = Object.keys(ERROR_KINDS) as ErrorCode[];

describe('error codes', () => {
  it.each(codes)('%s has a kind and an exit code that follows from it', (code) => {
    expect(['refused', 'failed', 'retryable']).toContain(ERROR_KINDS[code]);
    expect(exitCodeOf(code)).toBe(ERROR_KINDS[code] === 'refused' ? 2 : 1);
  });

  it('that a retry cannot mend are final, but for a defect and for work that was asked to stop', () => {
    const final = codes.filter((code) => FINAL_CODES.includes(code));
    const rest = codes.filter((code) => !FINAL_CODES.includes(code));
    expect(final.every((code) => ERROR_KINDS[code] !== 'retryable')).toBe(true);
    expect(rest.filter((code) => ERROR_KINDS[code] !== 'retryable')).toEqual(['CANCELLED', 'INTERNAL']);
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
