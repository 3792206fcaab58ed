import type { FileHandle } from 'node:fs/promises';

/**
 * The number of bytes of one read, which is less than the 2 GiB that a system reads in one call.
 */
const PIECE_BYTES = 1 << 30;

/**
 * Returns bytes `[position, position + length)` of a file, in a buffer of their own, so that typed
 * views of any width are aligned. The result is undefined if the file is not that long. Both
 * numbers may come from a damaged file. At some positions that no file has, Node reads nothing, and
 * at others it throws a RangeError; which ones differs between its releases.
 */
export async function readBytes(
  file: FileHandle,
  position: number,
  length: number,
): Promise<Buffer<ArrayBuffer> | undefined> {
  const { size } = await file.stat();
  if (!(position >= 0 && length >= 0 && position + length <= size)) return undefined;
  const bytes = Buffer.from(new ArrayBuffer(length));
  for (let done = 0; done < length; ) {
    const { bytesRead } = await file.read(bytes, done, Math.min(length - done, PIECE_BYTES), position + done);
    if (bytesRead === 0) return undefined;
    done += bytesRead;
  }
  return bytes;
}
