/**
 * Says what is wrong with a compressed object. It has a remedy if the object is whole and still
 * cannot be read.
 */
export class CompressionError extends Error {
  constructor(
    message: string,
    readonly remedy?: string,
    cause?: unknown,
  ) {
    super(message, { cause });
  }
}
