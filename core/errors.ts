/**
 * Every error that a user or an operator can meet. `kind` is the one place that says what happens
 * next:
 * - `refused`: nothing was started or written. The command exits with 2, and a retry cannot help.
 *   Where work that has begun (`hasBegun`) meets the same error, it is a failure.
 * - `failed`: work stopped for a reason that a retry cannot mend. The command exits with 1.
 * - `retryable`: the surroundings failed, and the same call may succeed later.
 */
export const ERROR_KINDS = {
  USAGE: 'refused',
  SETTING_INVALID: 'refused',
  TEMPORAL_DENIED: 'refused',
  JOB_UNREADABLE: 'refused',
  JOB_INVALID: 'refused',
  MODEL_NOT_FOUND: 'refused',
  MODEL_INVALID: 'refused',
  MODEL_UNSUPPORTED: 'refused',
  MODEL_CHECKSUM_MISMATCH: 'refused',
  HUB_DENIED: 'refused',
  EXECUTION_PROVIDER_UNAVAILABLE: 'refused',
  FINGERPRINT_MISMATCH: 'refused',
  VERSION_CONFLICT: 'refused',
  EDITION_MISMATCH: 'refused',
  REF_MOVED: 'refused',
  REF_HELD: 'refused',
  OUTPUT_EXISTS: 'refused',
  STORE_UNSUPPORTED: 'refused',
  STORE_DENIED: 'refused',
  INPUT_NOT_FOUND: 'refused',
  INPUT_EMPTY: 'refused',
  INPUT_UNSUPPORTED: 'refused',
  DATASET_NOT_FOUND: 'refused',
  VERSION_NOT_FOUND: 'refused',
  VERSION_RETIRED: 'refused',
  JOB_NOT_FOUND: 'refused',
  JOB_CANCELLING: 'refused',
  SCHEDULE_CONFLICT: 'refused',
  SCHEDULE_NOT_FOUND: 'refused',
  INDEX_NOT_FOUND: 'refused',
  INDEX_MISMATCH: 'refused',
  PROVIDER_DENIED: 'refused',
  PROVIDER_REFUSED: 'refused',
  REJECTS_EXCEEDED: 'failed',
  DELETES_EXCEEDED: 'failed',
  PLAN_FORGOTTEN: 'failed',
  INPUT_CHANGED: 'failed',
  INPUT_DAMAGED: 'failed',
  OBJECT_NOT_FOUND: 'failed',
  PART_CONFLICT: 'failed',
  COMMIT_CONFLICT: 'failed',
  CHECKSUM_MISMATCH: 'failed',
  FILE_DAMAGED: 'failed',
  STORE_FULL: 'failed',
  VECTOR_INVALID: 'failed',
  VERIFY_FAILED: 'failed',
  RECALL_TOO_LOW: 'failed',
  PROVIDER_INVALID: 'failed',
  CANCELLED: 'failed',
  INTERNAL: 'failed',
  STORE_UNAVAILABLE: 'retryable',
  TEMPORAL_UNAVAILABLE: 'retryable',
  PAYLOAD_UNREADABLE: 'retryable',
  SESSION_LOST: 'retryable',
  PROVIDER_UNAVAILABLE: 'retryable',
  HUB_UNAVAILABLE: 'retryable',
} as const satisfies Record<string, ErrorKind>;

export type ErrorKind = 'refused' | 'failed' | 'retryable';
export type ErrorCode = keyof typeof ERROR_KINDS;

export interface ErrorDetails {
  /** The folder of the code that raised the error: `store`, `corpus`, `model`, `workflow`, … */
  component: string;
  /** An instruction that tells the reader what to do about the error. */
  remedy: string;
  /** The file or object that the error is about, as a URI or path. */
  file?: string;
  /** The row, line or byte that the error is about, in the unit that the message names. */
  position?: number;
  /** The worker that met the error, by the name that Temporal has for it: `<process id>@<host>`. */
  worker?: string;
  /**
   * Whether the error was met by work that had begun. What that work wrote stays, so the error can
   * no longer be a refusal.
   */
  hasBegun?: boolean;
  cause?: unknown;
}

/**
 * The only error type that crosses the border of a room. Its message never holds document text or
 * secrets.
 */
export class VectormillError extends Error {
  override readonly name = 'VectormillError';
  readonly code: ErrorCode;
  readonly component: string;
  readonly remedy: string;
  readonly file: string | undefined;
  readonly position: number | undefined;
  readonly worker: string | undefined;
  readonly hasBegun: boolean;

  constructor(code: ErrorCode, message: string, details: ErrorDetails) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.component = details.component;
    this.remedy = details.remedy;
    this.file = details.file;
    this.position = details.position;
    this.worker = details.worker;
    this.hasBegun = details.hasBegun ?? false;
  }
}

/**
 * Returns 2 for a refusal, and 1 for every other error and for a refusal that work met after it had
 * begun.
 */
export function exitCodeOf({ code, hasBegun }: Pick<VectormillError, 'code' | 'hasBegun'>): 1 | 2 {
  return ERROR_KINDS[code] === 'refused' && !hasBegun ? 2 : 1;
}

/** Returns the same error with other details in place of some of its own. */
export function errorWith(error: VectormillError, other: Partial<ErrorDetails>): VectormillError {
  const { code, message, component, remedy, file, position, worker, hasBegun, cause } = error;
  const place = { ...(file !== undefined && { file }), ...(position !== undefined && { position }) };
  const details = { component, remedy, ...place, ...(worker !== undefined && { worker }), hasBegun, cause };
  return new VectormillError(code, message, { ...details, ...other });
}

/**
 * Does work whose beginning is already written down. An error that it throws is no longer a
 * refusal.
 */
export async function refusalsAsFailures<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isVectormillError(error) || error.hasBegun) throw error;
    throw errorWith(error, { hasBegun: true });
  }
}

/**
 * Returns whether Temporal makes no further attempt at work that failed with this code. Work that
 * was cancelled because its worker stops is not final: another worker goes on with it.
 */
export function isFinal(code: ErrorCode): boolean {
  return ERROR_KINDS[code] !== 'retryable' && code !== 'CANCELLED';
}

/**
 * The final codes, for the `nonRetryableErrorTypes` of a retry policy. INTERNAL is not among them,
 * because an error without a code is given it, too, and each such failure says for itself whether
 * it is tried again.
 */
export const FINAL_CODES: readonly ErrorCode[] = (Object.keys(ERROR_KINDS) as ErrorCode[]).filter(
  (code) => isFinal(code) && code !== 'INTERNAL',
);

export function isVectormillError(error: unknown): error is VectormillError {
  return error instanceof VectormillError;
}
