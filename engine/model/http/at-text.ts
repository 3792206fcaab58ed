import { isVectormillError, VectormillError } from '../../../core/errors.js';

/** The same error, about the text with this number. */
export function atText(error: VectormillError, position: number, message = error.message): VectormillError {
  const { code, component, remedy } = error;
  return new VectormillError(code, message, { component, remedy, position });
}

/** The same error, where it is about a text of some that begin `by` later among all. */
export function moved(error: unknown, by: number): unknown {
  if (!isVectormillError(error) || error.position === undefined) return error;
  return atText(error, error.position + by);
}

/** The same error, where it is about a text, with the text's number in its message. */
export function namingText(error: unknown): unknown {
  if (!isVectormillError(error) || error.position === undefined) return error;
  return atText(error, error.position, `${error.message}, for text ${error.position}`);
}
