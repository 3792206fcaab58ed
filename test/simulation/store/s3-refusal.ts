/**
 * An answer of S3 that is no success, or a connection that broke before an answer came, in the form
 * in which the SDK throws it.
 */
export class S3Refusal extends Error {
  readonly $metadata: { httpStatusCode?: number };
  readonly code?: string;

  private constructor(name: string, { status, code }: { status?: number; code?: string }) {
    super(name);
    this.name = name;
    this.$metadata = status === undefined ? {} : { httpStatusCode: status };
    if (code !== undefined) this.code = code;
  }

  /** The answer that has this name in S3's reference, and this HTTP status. */
  static answer(name: string, status: number): S3Refusal {
    return new S3Refusal(name, { status });
  }

  /** A connection that broke, so that nobody knows whether the request was carried out. */
  static brokenConnection(): S3Refusal {
    return new S3Refusal('Error', { code: 'ECONNRESET' });
  }
}

export const noSuchKey = () => S3Refusal.answer('NoSuchKey', 404);
export const noSuchUpload = () => S3Refusal.answer('NoSuchUpload', 404);
export const preconditionFailed = () => S3Refusal.answer('PreconditionFailed', 412);
