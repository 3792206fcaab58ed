import { type ErrorCode, VectormillError } from '../../core/errors.js';

const COMPONENT = 'tables';

/** Returns the error for a file beside the corpus that is not what was asked for. */
export function tableError(code: ErrorCode, message: string, remedy: string, file?: string): VectormillError {
  return new VectormillError(code, message, { component: COMPONENT, remedy, ...(file && { file }) });
}
