/** What is wrong with a compressed object; with a remedy where the object is whole and cannot be read all the same. */
export class CompressionError extends Error {
  constructor(
    message: string,
    readonly remedy?: string,
    cause?: unknown,
  ) {
    super(message, { cause });
  }
}
