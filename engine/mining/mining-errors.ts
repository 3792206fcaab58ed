import { type ErrorCode, VectormillError } from '../../core/errors.js';

const COMPONENT = 'mining';

/** Triplets that cannot be mined from what was given. */
export function miningError(
  code: ErrorCode,
  message: string,
  remedy: string,
  file?: string,
): VectormillError {
  return new VectormillError(code, message, { component: COMPONENT, remedy, ...(file && { file }) });
}
