import { type ErrorCode, VectormillError } from '../../core/errors.js';

/** An error of an index and the file that it is about. */
export function indexError(code: ErrorCode, message: string, remedy: string, file?: string): VectormillError {
  return new VectormillError(code, message, { component: 'index', remedy, ...(file && { file }) });
}

/** A thread that adds or compares rows is gone. */
export function threadLost(cause: unknown): VectormillError {
  return new VectormillError('SESSION_LOST', 'an index thread ended before its task was done', {
    component: 'index',
    remedy: 'Try again; finished shards are kept. If it happens often, give the process more memory.',
    cause,
  });
}

/** A graph's file is not laid out as a graph is. `what` completes the sentence "<file> is damaged: …". */
export function graphDamaged(file: string, what: string, cause?: unknown): VectormillError {
  return new VectormillError('FILE_DAMAGED', `${file} is damaged: ${what}`, {
    component: 'index',
    file,
    remedy: 'Restore the file, or build the index anew under another name.',
    ...(cause === undefined ? {} : { cause }),
  });
}
