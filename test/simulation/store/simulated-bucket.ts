import { crc32 } from 'node:zlib';
import {
  type AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  ListPartsCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { encodeCrc32 } from '../../../engine/store/crc32.js';
import { noSuchKey, noSuchUpload, preconditionFailed, S3Refusal } from './s3-refusal.js';

/** The requests that the S3 store sends. */
export type S3Request =
  | AbortMultipartUploadCommand
  | CompleteMultipartUploadCommand
  | CreateMultipartUploadCommand
  | DeleteObjectCommand
  | GetObjectCommand
  | HeadBucketCommand
  | HeadObjectCommand
  | ListObjectsV2Command
  | ListPartsCommand
  | PutObjectCommand
  | UploadPartCommand;

/** An object of a simulated bucket. */
export interface BucketObject {
  key: string;
  bytes: Uint8Array;
  /** Equal bytes have equal tags, as in S3 without encryption. */
  etag: string;
  checksum: number;
  modifiedAt: number;
  /** The bytes of the key, which fix the place of the object in listings. */
  order: Buffer;
}

/** A change of the objects of a bucket: what is at a key from now on, and what was there. */
export interface BucketChange {
  key: string;
  before: BucketObject | undefined;
  after: BucketObject | undefined;
}

interface BucketOptions {
  /** The store's own clock, in ms since the epoch. */
  now: () => number;
  /** The number of objects on a page of a listing, at most. */
  pageSize?: number;
  /** Is called after every change. */
  onChange?: (change: BucketChange) => void;
}

type Condition = { IfNoneMatch?: string | undefined; IfMatch?: string | undefined };

/**
 * The objects of an S3 bucket, whose requests are carried out at once and one after the other. It
 * knows nothing of schedules and faults; see `SimulatedClient`.
 */
export class SimulatedBucket {
  readonly #objects = new Map<string, BucketObject>();
  readonly #uploads = new Map<string, Map<number, Uint8Array>>();
  readonly #now: () => number;
  readonly #pageSize: number;
  readonly #onChange: ((change: BucketChange) => void) | undefined;
  #uploadsBegun = 0;

  constructor({ now, pageSize = 1000, onChange }: BucketOptions) {
    this.#now = now;
    this.#pageSize = pageSize;
    this.#onChange = onChange;
  }

  /** Returns an object as it is now, which no client sees. */
  peek(key: string): BucketObject | undefined {
    return this.#objects.get(key);
  }

  /** Returns the keys of all objects, in no particular order. */
  keys(): IterableIterator<string> {
    return this.#objects.keys();
  }

  /** Carries out a request. Errors: `S3Refusal`. */
  execute(request: S3Request): unknown {
    if (request instanceof PutObjectCommand) {
      const { Key = '', Body, IfNoneMatch, IfMatch } = request.input;
      this.#check(Key, { IfNoneMatch, IfMatch });
      return this.#write(Key, Uint8Array.from(Body as Uint8Array));
    }
    if (request instanceof GetObjectCommand) return this.#get(request.input);
    if (request instanceof HeadObjectCommand) return this.#head(request.input.Key ?? '');
    if (request instanceof ListObjectsV2Command) return this.#list(request.input);
    if (request instanceof DeleteObjectCommand) return this.#delete(request.input.Key ?? '');
    if (request instanceof HeadBucketCommand) return {};
    return this.#upload(request);
  }

  #check(key: string, { IfNoneMatch, IfMatch }: Condition): void {
    const etag = this.#objects.get(key)?.etag;
    if (IfNoneMatch !== undefined && etag !== undefined) throw preconditionFailed();
    if (IfMatch === undefined) return;
    if (etag === undefined) throw noSuchKey();
    if (etag !== unquoted(IfMatch)) throw preconditionFailed();
  }

  #write(key: string, bytes: Uint8Array): { ETag: string } {
    const before = this.#objects.get(key);
    const checksum = crc32(bytes);
    const etag = `${checksum.toString(16)}-${bytes.length}`;
    const order = before?.order ?? Buffer.from(key);
    const after = { key, bytes, etag, checksum, modifiedAt: this.#now(), order };
    this.#objects.set(key, after);
    this.#onChange?.({ key, before, after });
    return { ETag: `"${etag}"` };
  }

  #get({ Key = '', Range, IfMatch }: GetObjectCommand['input']): unknown {
    const found = this.#found(Key);
    if (IfMatch !== undefined && found.etag !== unquoted(IfMatch)) throw preconditionFailed();
    const { bytes, etag, checksum } = found;
    if (Range === undefined)
      return {
        Body: bytes,
        ContentLength: bytes.length,
        ETag: `"${etag}"`,
        ChecksumCRC32: encodeCrc32(checksum),
      };
    const [, start = '', last = ''] = /^bytes=(\d+)-(\d+)$/.exec(Range) ?? [];
    const [from, to] = [Number(start), Math.min(Number(last) + 1, bytes.length)];
    if (from >= bytes.length) throw S3Refusal.answer('InvalidRange', 416);
    return {
      Body: bytes.subarray(from, to),
      ContentLength: to - from,
      ContentRange: `bytes ${from}-${to - 1}/${bytes.length}`,
      ETag: `"${etag}"`,
    };
  }

  #head(key: string): unknown {
    const found = this.#objects.get(key);
    if (!found) throw S3Refusal.answer('NotFound', 404);
    return described(found);
  }

  #list({ Prefix = '', ContinuationToken }: ListObjectsV2Command['input']): unknown {
    const after = ContinuationToken === undefined ? undefined : Buffer.from(ContinuationToken);
    const rest = [...this.#objects.values()]
      .filter(({ key, order }) => key.startsWith(Prefix) && (!after || Buffer.compare(order, after) > 0))
      .sort((a, b) => Buffer.compare(a.order, b.order));
    const page = rest.slice(0, this.#pageSize);
    return {
      Contents: page.map((object) => ({ Key: object.key, Size: object.bytes.length, ...described(object) })),
      IsTruncated: rest.length > page.length,
      NextContinuationToken: page.at(-1)?.key,
    };
  }

  #delete(key: string): unknown {
    const before = this.#objects.get(key);
    if (this.#objects.delete(key)) this.#onChange?.({ key, before, after: undefined });
    return {};
  }

  #upload(
    request:
      | AbortMultipartUploadCommand
      | CompleteMultipartUploadCommand
      | CreateMultipartUploadCommand
      | ListPartsCommand
      | UploadPartCommand,
  ): unknown {
    if (request instanceof CreateMultipartUploadCommand) {
      this.#uploadsBegun += 1;
      const UploadId = `upload-${this.#uploadsBegun}`;
      this.#uploads.set(UploadId, new Map());
      return { UploadId };
    }
    const { UploadId = '', Key = '' } = request.input;
    const parts = this.#uploads.get(UploadId);
    if (!parts) throw noSuchUpload();
    if (request instanceof UploadPartCommand) {
      const bytes = Uint8Array.from(request.input.Body as Uint8Array);
      parts.set(request.input.PartNumber ?? 0, bytes);
      return { ETag: `"${crc32(bytes).toString(16)}"` };
    }
    if (request instanceof ListPartsCommand) return {};
    if (request instanceof CompleteMultipartUploadCommand) {
      const { IfNoneMatch, IfMatch, MultipartUpload } = request.input;
      this.#check(Key, { IfNoneMatch, IfMatch });
      const numbers = (MultipartUpload?.Parts ?? []).map(({ PartNumber }) => PartNumber ?? 0);
      const written = this.#write(Key, Buffer.concat(numbers.map((number) => parts.get(number)!)));
      this.#uploads.delete(UploadId);
      return written;
    }
    this.#uploads.delete(UploadId);
    return {};
  }

  #found(key: string): BucketObject {
    const found = this.#objects.get(key);
    if (!found) throw noSuchKey();
    return found;
  }
}

function described({ bytes, etag, modifiedAt }: BucketObject) {
  return { ContentLength: bytes.length, ETag: `"${etag}"`, LastModified: new Date(modifiedAt) };
}

function unquoted(etag: string): string {
  return etag.replaceAll('"', '');
}
