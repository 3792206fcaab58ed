import { PutObjectCommand } from '@aws-sdk/client-s3';
import { isVectormillError } from '../../core/errors.js';
import { crc32Of } from './crc32.js';
import { type LargeBody, readBody } from './large-body.js';
import type { PutOptions, PutResult, WriteCondition } from './object-store.js';
import { abortable, quote, type S3Connection, unquote } from './s3-connection.js';
import { isNoSuchUpload, isRefusal, isTransient, statusOf } from './s3-errors.js';
import { headS3, readS3 } from './s3-read.js';

/** An object to be written, and how. */
export interface S3Write {
  key: string;
  body: Uint8Array | LargeBody;
  options: PutOptions;
}

/** Writes the whole object in one request. */
export async function putWhole(
  connection: S3Connection,
  { key, body: given, options }: S3Write,
): Promise<PutResult> {
  const body = await readBody(given, 0, given.length);
  const command = new PutObjectCommand({
    ...connection.address(key),
    ...conditionHeaders(options.condition),
    Body: body,
    ContentLength: body.length,
    ChecksumCRC32: crc32Of(body),
  });
  return decide(
    connection,
    { key, body, options },
    {
      send: () => connection.client.send(command, abortable(options.signal)),
      isRetryable: isTransient,
    },
  );
}

interface DecidingRequest {
  send: () => Promise<{ ETag?: string | undefined }>;
  isRetryable: (error: unknown) => boolean;
}

/** Whether an earlier request of the same write may have been carried out. */
export interface WriteDoubt {
  mayBeWritten: boolean;
}

/**
 * Sends the request that makes a write count, until the store has decided. A request whose answer
 * was lost may have been carried out, which `doubt` remembers. Then its repetition is refused
 * because of itself, or finds its multipart upload gone, which `refusedUnlessOwn` settles.
 */
export async function decide(
  connection: S3Connection,
  write: S3Write,
  request: DecidingRequest,
  doubt: WriteDoubt = { mayBeWritten: false },
): Promise<PutResult> {
  const attempt = async (): Promise<PutResult> => {
    try {
      return { outcome: 'written', etag: unquote((await request.send()).ETag) };
    } catch (error) {
      const isRefused = isRefusal(error);
      if (isRefused || (doubt.mayBeWritten && isNoSuchUpload(error))) {
        const result = await refusedUnlessOwn(connection, write, doubt);
        if (isRefused || result.outcome === 'written') return result;
      }
      doubt.mayBeWritten ||= isTransient(error);
      throw error;
    }
  };
  return connection.retry(attempt, write.options.signal, request.isRetryable);
}

/**
 * Returns the result of a write whose condition does not hold. Where an earlier request may have
 * been carried out, the object is read back and compared, byte by byte.
 */
export async function refusedUnlessOwn(
  connection: S3Connection,
  { key, body, options }: S3Write,
  { mayBeWritten }: WriteDoubt,
): Promise<PutResult> {
  const etag = mayBeWritten
    ? await unlessReplaced(() => etagIfEqual(connection, key, body, options.signal))
    : undefined;
  return etag === undefined ? { outcome: 'refused' } : { outcome: 'written', etag };
}

/**
 * Returns what `read` gives. Undefined where the object was replaced or deleted while it was read,
 * because then it is somebody else's.
 */
async function unlessReplaced<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (statusOf(error) === 404 || (isVectormillError(error) && error.code === 'INPUT_CHANGED'))
      return undefined;
    throw error;
  }
}

/** Returns the headers that make a write conditional. */
export function conditionHeaders(condition: WriteCondition | undefined): {
  IfNoneMatch?: string;
  IfMatch?: string;
} {
  if (condition === undefined) return {};
  return 'ifAbsent' in condition ? { IfNoneMatch: '*' } : { IfMatch: quote(condition.ifMatch) };
}

/** Returns the object's entity tag if its bytes are these. */
async function etagIfEqual(
  connection: S3Connection,
  key: string,
  body: Uint8Array | LargeBody,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  const info = await headS3(connection, key, signal);
  if (info?.size !== body.length) return undefined;
  let position = 0;
  const reading = readS3(connection, key, { ifMatch: info.etag, ...(signal ? { signal } : {}) });
  for await (const piece of reading) {
    const ours = await readBody(body, position, position + piece.length);
    if (Buffer.compare(piece, ours) !== 0) return undefined;
    position += piece.length;
  }
  return info.etag;
}
