import { type ErrorCode, VectormillError } from '../../core/errors.js';

const COMPONENT = 'mining';

/** Returns the error for triplets that cannot be mined from the given input. */
export function miningError(
  code: ErrorCode,
  message: string,
  remedy: string,
  file?: string,
): VectormillError {
  return new VectormillError(code, message, { component: COMPONENT, remedy, ...(file && { file }) });
}
