import { type ErrorCode, VectormillError } from '../../core/errors.js';
import type { LineReader } from '../corpus/text-lines.js';

const COMPONENT = 'tables';

/** Returns the error for a file beside the corpus that is not what was asked for. */
export function tableError(code: ErrorCode, message: string, remedy: string, file?: string): VectormillError {
  return new VectormillError(code, message, { component: COMPONENT, remedy, ...(file && { file }) });
}

/** Describes the reader of such a file's lines. `shape` says what each line must be. */
export function linesOf(shape: string): LineReader {
  return { component: COMPONENT, remedy: `Mend the line: ${shape}.` };
}
