import { type ErrorCode, VectormillError } from '../../core/errors.js';

/** Returns an error of an index, with the file that it concerns. */
export function indexError(code: ErrorCode, message: string, remedy: string, file?: string): VectormillError {
  return new VectormillError(code, message, { component: 'index', remedy, ...(file && { file }) });
}

/** Returns the error for a thread that ended while it added or compared rows. */
export function threadLost(cause: unknown): VectormillError {
  return new VectormillError('SESSION_LOST', 'an index thread ended before its task was done', {
    component: 'index',
    remedy: 'Try again; finished shards are kept. If it happens often, give the process more memory.',
    cause,
  });
}

/**
 * Returns the error for a graph's file that is not laid out as a graph. `what` completes the
 * sentence "<file> is damaged: …".
 */
export function graphDamaged(file: string, what: string, cause?: unknown): VectormillError {
  return new VectormillError('FILE_DAMAGED', `${file} is damaged: ${what}`, {
    component: 'index',
    file,
    remedy: 'Restore the file, or build the index anew under another name.',
    ...(cause === undefined ? {} : { cause }),
  });
}
