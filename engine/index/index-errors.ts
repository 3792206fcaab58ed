import { type ErrorCode, VectormillError } from '../../core/errors.js';

/** An error of an index and the file that it is about. */
export function indexError(code: ErrorCode, message: string, remedy: string, file?: string): VectormillError {
  return new VectormillError(code, message, { component: 'index', remedy, ...(file && { file }) });
}
