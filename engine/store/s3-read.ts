import type { Readable } from 'node:stream';
import { crc32 } from 'node:zlib';
import { GetObjectCommand, type GetObjectCommandOutput, HeadObjectCommand } from '@aws-sdk/client-s3';
import { counted } from '../../core/counted.js';
import { encodeCrc32 } from './crc32.js';
import type { ObjectInfo, ReadOptions } from './object-store.js';
import { pause } from './retry.js';
import { abortable, quote, type S3Connection, unquote } from './s3-connection.js';
import { isWordlessDenial, statusOf } from './s3-errors.js';
import {
  checkCancelled,
  checksumMismatch,
  objectChanged,
  objectNotFound,
  storeUnavailable,
} from './store-errors.js';

interface Answer {
  body: Readable;
  etag: string;
  /** The end of the requested range within the object, exclusive. */
  end: number;
  /** The CRC-32 of the whole object in base64, if the store has it and sent the whole object. */
  checksum: string | undefined;
}

/** Describes an object, or returns undefined if there is no such object. */
export async function headS3(
  connection: S3Connection,
  key: string,
  signal?: AbortSignal,
): Promise<ObjectInfo | undefined> {
  try {
    const command = new HeadObjectCommand(connection.address(key));
    const found = await connection.retry(() => connection.client.send(command, abortable(signal)), signal);
    return {
      key,
      size: found.ContentLength ?? 0,
      etag: unquote(found.ETag),
      modifiedAt: found.LastModified?.getTime() ?? 0,
    };
  } catch (error) {
    if (statusOf(error) === 404) return undefined;
    throw isWordlessDenial(error) ? await explainedDenial(connection, key, error) : error;
  }
}

/**
 * Finds out why access was denied. The answer to a HEAD has no body that could say it, but a GET of
 * the same object has one.
 */
async function explainedDenial(connection: S3Connection, key: string, denial: unknown): Promise<unknown> {
  try {
    const command = new GetObjectCommand({ ...connection.address(key), Range: 'bytes=0-0' });
    const { Body } = await connection.client.send(command);
    (Body as Readable).destroy();
    return denial;
  } catch (error) {
    return statusOf(error) === 403 ? error : denial;
  }
}

/**
 * Yields the bytes of an object or of a range of it. A broken connection is opened again at the
 * byte where it broke, on condition that the object is still the same. Attempts are counted from
 * the last byte that arrived. A whole object is compared with the CRC-32 that the store has for it.
 */
export async function* readS3(
  connection: S3Connection,
  key: string,
  options: ReadOptions,
): AsyncGenerator<Uint8Array> {
  const { signal } = options;
  const { retryPolicy, pauses } = connection;
  const first = await open(connection, key, options);
  if (first === undefined) return;
  let position = options.range?.start ?? 0;
  let checksum = 0;
  let failures = 0;
  for (let answer: Answer = first; ; ) {
    for await (const piece of untilBroken(answer.body, signal)) {
      position += piece.length;
      failures = 0;
      if (first.checksum !== undefined) checksum = crc32(piece, checksum);
      yield piece;
    }
    if (position >= first.end) break;
    failures += 1;
    if (failures >= retryPolicy.attempts)
      throw storeUnavailable(
        connection.uri(key),
        `the connection broke ${counted(failures, 'time')} at byte ${position}`,
      );
    await pause(failures, { ...pauses, signal });
    const rest = { start: position, end: first.end };
    const next = await open(connection, key, { ...options, range: rest, ifMatch: first.etag });
    if (next === undefined) throw objectChanged(connection.uri(key));
    answer = next;
  }
  if (first.checksum !== undefined && encodeCrc32(checksum) !== first.checksum)
    throw checksumMismatch(connection.uri(key));
}

/**
 * Ends without an error where the connection broke, because the caller knows how much should have
 * come.
 */
async function* untilBroken(body: Readable, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
  const pieces = body[Symbol.asyncIterator]();
  const stop = () => body.destroy();
  signal?.addEventListener('abort', stop, { once: true });
  try {
    for (;;) {
      const next = await pieces.next().catch(() => undefined);
      checkCancelled(signal);
      if (next === undefined || next.done) return;
      yield next.value;
    }
  } finally {
    signal?.removeEventListener('abort', stop);
    body.destroy();
  }
}

/**
 * Opens a range. Returns undefined if it holds no byte of the object. Errors: OBJECT_NOT_FOUND,
 * INPUT_CHANGED, CANCELLED.
 */
async function open(
  connection: S3Connection,
  key: string,
  options: ReadOptions,
): Promise<Answer | undefined> {
  const { range, ifMatch, signal } = options;
  if (range && range.start === range.end) return checkEmpty(connection, key, options);
  const command = new GetObjectCommand({
    ...connection.address(key),
    ...(range ? { Range: `bytes=${range.start}-${range.end - 1}` } : {}),
    ...(ifMatch === undefined ? {} : { IfMatch: quote(ifMatch) }),
  });
  try {
    return answerOf(await connection.retry(() => connection.client.send(command, abortable(signal)), signal));
  } catch (error) {
    if (statusOf(error) === 412) throw objectChanged(connection.uri(key));
    if (statusOf(error) === 416) return checkEmpty(connection, key, options);
    throw error;
  }
}

/**
 * HTTP cannot ask for an empty range. So this only checks that the object is there and is still the
 * same.
 */
async function checkEmpty(connection: S3Connection, key: string, options: ReadOptions): Promise<undefined> {
  const info = await headS3(connection, key, options.signal);
  if (info === undefined) throw objectNotFound(connection.uri(key));
  if (options.ifMatch !== undefined && options.ifMatch !== info.etag)
    throw objectChanged(connection.uri(key));
  return undefined;
}

function answerOf(output: GetObjectCommandOutput): Answer {
  const { ContentLength = 0, ContentRange, ChecksumCRC32, ETag } = output;
  const body = output.Body as Readable;
  // A connection that breaks before anyone reads must not end the process.
  body.on('error', () => {});
  const lastByte = /^bytes \d+-(\d+)\//.exec(ContentRange ?? '')?.[1];
  // A composite checksum, made of those of a multipart upload's parts, ends in `-` and their
  // number.
  const isOfWhole = ContentRange === undefined && ChecksumCRC32 !== undefined && !ChecksumCRC32.includes('-');
  return {
    body,
    etag: unquote(ETag),
    end: lastByte === undefined ? ContentLength : Number(lastByte) + 1,
    checksum: isOfWhole ? ChecksumCRC32 : undefined,
  };
}
