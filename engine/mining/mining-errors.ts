import { type ErrorCode, VectormillError } from '../../core/errors.js';
import type { LineReader } from '../corpus/text-lines.js';

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

/** Who reads lines of pairs; `shape` says what each is. */
export function linesOf(shape: string): LineReader {
  return { component: COMPONENT, remedy: `Mend the line: ${shape}.` };
}
