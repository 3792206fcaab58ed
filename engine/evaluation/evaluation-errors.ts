import { type ErrorCode, VectormillError } from '../../core/errors.js';

const COMPONENT = 'evaluation';

/** An evaluation that cannot be made of what was given; refused before anything is embedded. */
export function refuse(code: ErrorCode, message: string, remedy: string, file?: string): VectormillError {
  return new VectormillError(code, message, { component: COMPONENT, remedy, ...(file && { file }) });
}
