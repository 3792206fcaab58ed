import type { S3Client } from '@aws-sdk/client-s3';
import type { RetryPolicy } from '../../core/backoff.js';
import { type RetryOptions, retry } from './retry.js';
import { isTransient } from './s3-errors.js';

/** A bucket, a prefix in it, and how requests are sent to it. */
interface S3ConnectionOptions {
  client: S3Client;
  bucket: string;
  /** The prefix is empty, or has no slash at either end. */
  prefix: string;
  retryPolicy: RetryPolicy;
  /** Waits between two attempts at a request. By default it waits in real time. */
  sleep?: RetryOptions['sleep'];
}

/** A bucket with the client that sends requests to it, and repeats them. */
export class S3Connection {
  readonly client: S3Client;
  readonly bucket: string;
  readonly #prefix: string;
  readonly retryPolicy: RetryPolicy;
  /** The waits between attempts. */
  readonly pauses: Pick<RetryOptions, 'policy' | 'sleep'>;

  constructor({ client, bucket, prefix, retryPolicy, sleep }: S3ConnectionOptions) {
    this.client = client;
    this.bucket = bucket;
    this.#prefix = prefix === '' ? '' : `${prefix}/`;
    this.retryPolicy = retryPolicy;
    this.pauses = { policy: retryPolicy, ...(sleep && { sleep }) };
  }

  get root(): string {
    return `s3://${this.bucket}/${this.#prefix}`.slice(0, -1);
  }

  uri(key: string): string {
    return `${this.root}/${key}`;
  }

  /** Returns where the object is, in the form in which every request names it. */
  address(key: string): { Bucket: string; Key: string } {
    return { Bucket: this.bucket, Key: this.#prefix + key };
  }

  /** Returns the store's key of the object that a listing calls `fullKey`. */
  keyOf(fullKey: string): string {
    return fullKey.slice(this.#prefix.length);
  }

  /** Repeats a request while it fails for a passing reason. */
  retry<T>(
    request: () => Promise<T>,
    signal?: AbortSignal,
    isRetryable: (error: unknown) => boolean = isTransient,
  ): Promise<T> {
    return retry(request, { ...this.pauses, signal, isRetryable });
  }
}

/** Returns the options of a request that is cancelled with the signal. */
export function abortable(signal: AbortSignal | undefined): { abortSignal?: AbortSignal } {
  return signal ? { abortSignal: signal } : {};
}

/**
 * Removes quotes. S3 puts entity tags in quotes in some places and not in others; this project
 * keeps them without.
 */
export function unquote(etag: string | undefined): string {
  return (etag ?? '').replaceAll('"', '');
}

/** Puts an entity tag into the quotes that S3 expects in conditions. */
export function quote(etag: string): string {
  return `"${etag}"`;
}
