import { isVectormillError, VectormillError } from '../../../core/errors.js';

/** Returns the same error, but about the text with this number. */
export function withTextPosition(
  error: VectormillError,
  position: number,
  message = error.message,
): VectormillError {
  const { code, component, remedy } = error;
  return new VectormillError(code, message, { component, remedy, position });
}

/**
 * Returns the same error, with its text's number raised by `by`, if it is about a text. Use it for
 * a group of texts that begins `by` texts later.
 */
export function shiftTextPosition(error: unknown, by: number): unknown {
  if (!isVectormillError(error) || error.position === undefined) return error;
  return withTextPosition(error, error.position + by);
}

/** Returns the same error, with its text's number in the message, if it is about a text. */
export function namingText(error: unknown): unknown {
  if (!isVectormillError(error) || error.position === undefined) return error;
  return withTextPosition(error, error.position, `${error.message}, for text ${error.position}`);
}
