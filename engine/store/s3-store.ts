import {
  DeleteObjectCommand,
  HeadBucketCommand,
  ListObjectsV2Command,
  type S3Client,
} from '@aws-sdk/client-s3';
import type { RetryPolicy } from '../../core/backoff.js';
import type { LargeBody } from './large-body.js';
import { checkKey, checkPortableKey, checkPrefix, checkRange } from './object-key.js';
import type { ObjectInfo, ObjectStore, PutOptions, PutResult, ReadOptions } from './object-store.js';
import { DEFAULT_RETRY, type RetryOptions } from './retry.js';
import { S3Connection, unquote } from './s3-connection.js';
import { noSuchBucket, s3Error, statusOf } from './s3-errors.js';
import { putInParts } from './s3-multipart.js';
import { headS3, readS3 } from './s3-read.js';
import { putWhole } from './s3-write.js';
import { checkCancelled } from './store-errors.js';

const MEBIBYTE = 1 << 20;

interface S3StoreOptions {
  client: S3Client;
  bucket: string;
  /** The prefix is empty, or has no slash at either end. */
  prefix: string;
  /** Objects larger than this are uploaded in parts. */
  multipartThresholdBytes?: number;
  /** The size of a part, at least 5 MiB, which is S3's own limit. */
  partBytes?: number;
  retryPolicy?: RetryPolicy;
  /** Waits between two attempts at a request. By default it waits in real time. */
  sleep?: RetryOptions['sleep'];
}

/**
 * Keeps objects in a bucket of AWS S3 or of a server that speaks its protocol. It owns the client.
 */
export class S3Store implements ObjectStore {
  readonly root: string;
  readonly #connection: S3Connection;
  readonly #thresholdBytes: number;
  readonly #partBytes: number;
  #isBucketKnown = false;

  constructor(options: S3StoreOptions) {
    const { client, bucket, prefix, retryPolicy = DEFAULT_RETRY, sleep } = options;
    this.#connection = new S3Connection({ client, bucket, prefix, retryPolicy, ...(sleep && { sleep }) });
    this.root = this.#connection.root;
    this.#thresholdBytes = options.multipartThresholdBytes ?? 32 * MEBIBYTE;
    this.#partBytes = options.partBytes ?? 16 * MEBIBYTE;
  }

  async head(key: string): Promise<ObjectInfo | undefined> {
    checkKey(key);
    return this.#mapped(key, async () => {
      const info = await headS3(this.#connection, key);
      if (info === undefined) await this.#checkBucket();
      return info;
    });
  }

  async get(key: string, options: ReadOptions = {}): Promise<Uint8Array> {
    const pieces: Uint8Array[] = [];
    for await (const piece of this.stream(key, options)) pieces.push(piece);
    return Buffer.concat(pieces);
  }

  async *stream(key: string, options: ReadOptions = {}): AsyncGenerator<Uint8Array> {
    checkKey(key);
    checkRange(options.range);
    checkCancelled(options.signal);
    try {
      yield* readS3(this.#connection, key, options);
    } catch (error) {
      throw this.#error(error, key);
    }
  }

  async put(key: string, body: Uint8Array | LargeBody, options: PutOptions = {}): Promise<PutResult> {
    checkPortableKey(key);
    const inParts = options.multipart === true || body.length > this.#thresholdBytes;
    const write = { key, body, options };
    return this.#mapped(key, () =>
      inParts ? putInParts(this.#connection, write, this.#partBytes) : putWhole(this.#connection, write),
    );
  }

  async *list(prefix: string): AsyncGenerator<ObjectInfo> {
    checkPrefix(prefix);
    const { client } = this.#connection;
    const { Bucket, Key: Prefix } = this.#connection.address(prefix);
    let ContinuationToken: string | undefined;
    do {
      const command = new ListObjectsV2Command({ Bucket, Prefix, ContinuationToken });
      const page = await this.#mapped(prefix, () => this.#connection.retry(() => client.send(command)));
      for (const found of page.Contents ?? []) {
        const key = this.#connection.keyOf(found.Key ?? '');
        // Consoles leave such keys behind to show an empty folder; they are not objects.
        if (key === '' || (key.endsWith('/') && found.Size === 0)) continue;
        yield {
          key,
          size: found.Size ?? 0,
          etag: unquote(found.ETag),
          modifiedAt: found.LastModified?.getTime() ?? 0,
        };
      }
      ContinuationToken = page.IsTruncated ? page.NextContinuationToken : undefined;
    } while (ContinuationToken !== undefined);
  }

  async delete(key: string): Promise<void> {
    checkKey(key);
    const command = new DeleteObjectCommand(this.#connection.address(key));
    await this.#mapped(key, async () => {
      try {
        await this.#connection.retry(() => this.#connection.client.send(command));
      } catch (error) {
        if (s3Error(error, this.#place(key)).code !== 'OBJECT_NOT_FOUND') throw error;
      }
    });
  }

  async close(): Promise<void> {
    this.#connection.client.destroy();
  }

  /**
   * Checks that the bucket exists. A HEAD answers 404 without saying whether the object or the
   * whole bucket is missing.
   */
  async #checkBucket(): Promise<void> {
    if (this.#isBucketKnown) return;
    const { client, bucket } = this.#connection;
    try {
      await this.#connection.retry(() => client.send(new HeadBucketCommand({ Bucket: bucket })));
    } catch (error) {
      // Some servers also answer 404 to an access key that they do not know. Only an answer with a
      // body shows the difference.
      if (statusOf(error) === 404) {
        await this.#connection.retry(() =>
          client.send(new ListObjectsV2Command({ Bucket: bucket, MaxKeys: 1 })),
        );
        throw noSuchBucket(bucket);
      }
      // A policy may allow access to objects but not to the bucket itself.
      if (statusOf(error) !== 403) throw error;
    }
    this.#isBucketKnown = true;
  }

  async #mapped<T>(key: string, operation: () => Promise<T>): Promise<T> {
    try {
      return await operation();
    } catch (error) {
      throw this.#error(error, key);
    }
  }

  #error(error: unknown, key: string) {
    return s3Error(error, this.#place(key));
  }

  #place(key: string) {
    return { uri: this.#connection.uri(key), bucket: this.#connection.bucket };
  }
}
