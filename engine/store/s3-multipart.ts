import { crc32 } from 'node:zlib';
import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  ListPartsCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { crc32Of, encodeCrc32 } from './crc32.js';
import { readBody } from './large-body.js';
import type { PutResult, WriteCondition } from './object-store.js';
import { abortable, type S3Connection } from './s3-connection.js';
import { isConflict, isNoSuchUpload, isTransient } from './s3-errors.js';
import { headS3 } from './s3-read.js';
import { conditionHeaders, decide, refusedUnlessOwn, type S3Write, type WriteDoubt } from './s3-write.js';

const MAX_PARTS = 10_000;
const CONCURRENT_PARTS = 4;

/**
 * Uploads an object in parts, with a CRC-32 for each part and one for the whole object. Whatever
 * goes wrong, the upload is aborted once no part of it is under way any more, so that none stays
 * open. Only a killed process, or a lost answer to the request that creates the upload, can leave
 * one behind; a lifecycle rule of the bucket should remove those.
 */
export function putInParts(connection: S3Connection, write: S3Write, partBytes: number): Promise<PutResult> {
  const doubt = { mayBeWritten: false };
  // S3 requires that an upload that met another write is made again from its beginning.
  return connection.retry(
    () => uploadOnce(connection, write, partBytes, doubt),
    write.options.signal,
    isConflict,
  );
}

async function uploadOnce(
  connection: S3Connection,
  write: S3Write,
  partBytes: number,
  doubt: WriteDoubt,
): Promise<PutResult> {
  const { key, options } = write;
  if (!(await mayHold(connection, key, options.condition))) return refusedUnlessOwn(connection, write, doubt);
  const create = new CreateMultipartUploadCommand({
    ...connection.address(key),
    ChecksumAlgorithm: 'CRC32',
    ChecksumType: 'FULL_OBJECT',
  });
  // The request cannot be aborted, because an upload that was created but whose id is unknown could
  // not be aborted.
  const { UploadId } = await connection.retry(() => connection.client.send(create), options.signal);
  const upload = { ...connection.address(key), UploadId };
  let completed = false;
  try {
    const { parts, checksum } = await uploadParts(connection, write, upload, partBytes);
    const complete = new CompleteMultipartUploadCommand({
      ...upload,
      ...conditionHeaders(options.condition),
      MultipartUpload: { Parts: parts },
      ChecksumCRC32: encodeCrc32(checksum),
      ChecksumType: 'FULL_OBJECT',
      MpuObjectSize: write.body.length,
    });
    const request = {
      send: () => connection.client.send(complete, abortable(options.signal)),
      isRetryable: (error: unknown) => isTransient(error) && !isConflict(error),
    };
    const result = await decide(connection, write, request, doubt);
    completed = result.outcome === 'written';
    return result;
  } finally {
    if (!completed) await abort(connection, upload);
  }
}

/**
 * Checks the condition early, so that no megabytes are sent for an upload that will be refused.
 * Only the answer to the completion decides.
 */
async function mayHold(
  connection: S3Connection,
  key: string,
  condition: WriteCondition | undefined,
): Promise<boolean> {
  if (condition === undefined) return true;
  const info = await headS3(connection, key);
  return 'ifAbsent' in condition ? info === undefined : info?.etag === condition.ifMatch;
}

interface Upload {
  Bucket: string;
  Key: string;
  UploadId: string | undefined;
}

/**
 * Settles only when no part is under way any more. Throws what failed first. Otherwise returns the
 * parts, and the CRC-32 of the whole object.
 */
async function uploadParts(
  connection: S3Connection,
  { body, options }: S3Write,
  upload: Upload,
  partBytes: number,
): Promise<{ parts: CompletedPart[]; checksum: number }> {
  const failed = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, failed.signal]) : failed.signal;
  const bytes = Math.max(partBytes, Math.ceil(body.length / MAX_PARTS));
  const count = Math.max(1, Math.ceil(body.length / bytes));
  const parts: CompletedPart[] = [];
  let failure: unknown;
  let checksum = 0;
  let reading: Promise<unknown> = Promise.resolve();

  // One after the other, because the checksum of the whole needs the parts in their order.
  const readPart = (index: number): Promise<Uint8Array> => {
    const part = reading.then(async () => {
      const read = await readBody(body, index * bytes, Math.min((index + 1) * bytes, body.length));
      checksum = crc32(read, checksum);
      return read;
    });
    reading = part;
    return part;
  };
  const sendPart = async (index: number): Promise<void> => {
    const Body = await readPart(index);
    const ChecksumCRC32 = crc32Of(Body);
    const PartNumber = index + 1;
    const command = new UploadPartCommand({
      ...upload,
      PartNumber,
      Body,
      ContentLength: Body.length,
      ChecksumCRC32,
    });
    const { ETag } = await connection.retry(
      () => connection.client.send(command, { abortSignal: signal }),
      signal,
    );
    parts[index] = { PartNumber, ETag, ChecksumCRC32 };
  };
  let next = 0;
  const lane = async (): Promise<void> => {
    try {
      while (next < count) await sendPart(next++);
    } catch (error) {
      failure ??= error;
      failed.abort();
    }
  };
  await Promise.all(Array.from({ length: CONCURRENT_PARTS }, lane));
  if (failure !== undefined) throw failure;
  return { parts, checksum };
}

/**
 * If a part's request was cut while the server was still receiving it, the part may keep the upload
 * open; then the upload is aborted again.
 */
async function abort(connection: S3Connection, upload: Upload): Promise<void> {
  const { client } = connection;
  try {
    await connection.retry(
      async () => {
        await undefinedIfGone(client.send(new AbortMultipartUploadCommand(upload)));
        if (await undefinedIfGone(client.send(new ListPartsCommand(upload)))) throw new StillOpen();
      },
      undefined,
      (error) => error instanceof StillOpen || isTransient(error),
    );
  } catch {
    // The store is gone, or does not permit the abort. The error to report is the one that made the
    // upload fail.
  }
}

class StillOpen extends Error {}

/** Returns undefined if the upload does not exist any more. */
async function undefinedIfGone<T>(request: Promise<T>): Promise<T | undefined> {
  try {
    return await request;
  } catch (error) {
    if (isNoSuchUpload(error)) return undefined;
    throw error;
  }
}
