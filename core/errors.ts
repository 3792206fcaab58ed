/**
 * Every error a user or an operator can meet. `kind` is the one place that says what happens next:
 * - `refused`: nothing was started or written; the command exits with 2 and a retry cannot help.
 * - `failed`: work stopped for a reason that a retry cannot mend; the command exits with 1.
 * - `retryable`: the surroundings failed; the same call may succeed later.
 */
export const ERROR_KINDS = {
  USAGE: 'refused',
  JOB_UNREADABLE: 'refused',
  JOB_INVALID: 'refused',
  MODEL_NOT_FOUND: 'refused',
  MODEL_INVALID: 'refused',
  MODEL_UNSUPPORTED: 'refused',
  MODEL_CHECKSUM_MISMATCH: 'refused',
  EXECUTION_PROVIDER_UNAVAILABLE: 'refused',
  FINGERPRINT_MISMATCH: 'refused',
  VERSION_CONFLICT: 'refused',
  EDITION_MISMATCH: 'refused',
  OUTPUT_EXISTS: 'refused',
  STORE_UNSUPPORTED: 'refused',
  STORE_DENIED: 'refused',
  INPUT_NOT_FOUND: 'refused',
  INPUT_EMPTY: 'refused',
  INPUT_UNSUPPORTED: 'refused',
  DATASET_NOT_FOUND: 'refused',
  VERSION_NOT_FOUND: 'refused',
  JOB_NOT_FOUND: 'refused',
  SCHEDULE_CONFLICT: 'refused',
  SCHEDULE_NOT_FOUND: 'refused',
  INDEX_NOT_FOUND: 'refused',
  INDEX_MISMATCH: 'refused',
  PROVIDER_DENIED: 'refused',
  PROVIDER_REFUSED: 'refused',
  REJECTS_EXCEEDED: 'failed',
  INPUT_CHANGED: 'failed',
  INPUT_DAMAGED: 'failed',
  OBJECT_NOT_FOUND: 'failed',
  PART_CONFLICT: 'failed',
  COMMIT_CONFLICT: 'failed',
  CHECKSUM_MISMATCH: 'failed',
  FILE_DAMAGED: 'failed',
  VECTOR_INVALID: 'failed',
  VERIFY_FAILED: 'failed',
  RECALL_TOO_LOW: 'failed',
  PROVIDER_INVALID: 'failed',
  CANCELLED: 'failed',
  INTERNAL: 'failed',
  STORE_UNAVAILABLE: 'retryable',
  TEMPORAL_UNAVAILABLE: 'retryable',
  SESSION_LOST: 'retryable',
  PROVIDER_UNAVAILABLE: 'retryable',
} as const satisfies Record<string, ErrorKind>;

export type ErrorKind = 'refused' | 'failed' | 'retryable';
export type ErrorCode = keyof typeof ERROR_KINDS;

export interface ErrorDetails {
  /** What raised it, by folder: `store`, `corpus`, `model`, `workflow`, … */
  component: string;
  /** What to do about it, as an instruction to the reader. */
  remedy: string;
  /** The file or object it is about, as a URI or path. */
  file?: string;
  /** The row, line or byte it is about, in the unit that the message names. */
  position?: number;
  cause?: unknown;
}

/** The only error type that crosses a room's border. Its message never holds document text or secrets. */
export class VectormillError extends Error {
  override readonly name = 'VectormillError';
  readonly code: ErrorCode;
  readonly component: string;
  readonly remedy: string;
  readonly file: string | undefined;
  readonly position: number | undefined;

  constructor(code: ErrorCode, message: string, details: ErrorDetails) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.component = details.component;
    this.remedy = details.remedy;
    this.file = details.file;
    this.position = details.position;
  }
}

/** 2 for a refusal, 1 for every other code. */
export function exitCodeOf(code: ErrorCode): 1 | 2 {
  return ERROR_KINDS[code] === 'refused' ? 2 : 1;
}

/** Codes that Temporal must not retry, for a retry policy's `nonRetryableErrorTypes`. */
export const FINAL_CODES: readonly ErrorCode[] = (Object.keys(ERROR_KINDS) as ErrorCode[]).filter(
  (code) => ERROR_KINDS[code] !== 'retryable' && code !== 'INTERNAL' && code !== 'CANCELLED',
);

export function isVectormillError(error: unknown): error is VectormillError {
  return error instanceof VectormillError;
}
