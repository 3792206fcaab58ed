import { ERROR_KINDS, type ErrorCode, isFinal } from './errors.js';
import type { NightProgress } from './schedule/night.js';

/**
 * The details that the failure of an activity or a workflow leaves in a history besides its code
 * and its message.
 */
export interface FailureDetails {
  /** This field and the four below it mean the same as in `ErrorDetails`. */
  component: string;
  remedy: string;
  file?: string | undefined;
  position?: number | undefined;
  worker?: string | undefined;
  /** The progress of the night at the moment when it failed. */
  night?: NightProgress;
}

/** A failure in the form that `ApplicationFailure.create` takes. */
export interface FailureOptions {
  type: ErrorCode;
  message: string;
  /** Whether Temporal makes no further attempt. */
  nonRetryable: boolean;
  details: [FailureDetails];
  cause?: Error;
}

/**
 * Returns the form in which every failure goes into a history. The code decides whether the failure
 * is final, unless the caller does.
 */
export function failureOptions(
  code: ErrorCode,
  message: string,
  details: FailureDetails,
  { nonRetryable = isFinal(code), cause }: { nonRetryable?: boolean; cause?: unknown } = {},
): FailureOptions {
  return {
    type: code,
    message,
    nonRetryable,
    details: [details],
    ...(cause instanceof Error ? { cause } : {}),
  };
}

/**
 * Returns the code of a failure from a history. It is INTERNAL where the failure has no code that
 * this release knows.
 */
export function codeOfFailure({ type }: { type?: string | null | undefined }): ErrorCode {
  return Object.hasOwn(ERROR_KINDS, type ?? '') ? (type as ErrorCode) : 'INTERNAL';
}

/**
 * Returns the details of a failure from a history, which may have been written by another release.
 */
export function detailsOfFailure({ details }: { details?: unknown[] | null | undefined }): FailureDetails {
  const found = (details?.[0] ?? {}) as Partial<FailureDetails>;
  return {
    ...found,
    component: found.component ?? 'workflow',
    remedy: found.remedy ?? 'Look into the worker log around this time.',
  };
}
