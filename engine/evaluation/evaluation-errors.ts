import { type ErrorCode, VectormillError } from '../../core/errors.js';

const COMPONENT = 'evaluation';

/**
 * Returns the error for an evaluation that the input does not allow. It is thrown before anything
 * is embedded.
 */
export function refuse(code: ErrorCode, message: string, remedy: string, file?: string): VectormillError {
  return new VectormillError(code, message, { component: COMPONENT, remedy, ...(file && { file }) });
}
