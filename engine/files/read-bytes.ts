import type { FileHandle } from 'node:fs/promises';

/** Less than the 2 GiB that a system reads in one call. */
const PIECE_BYTES = 1 << 30;

/**
 * Bytes `[position, position + length)` of a file, in a buffer of their own, so that typed views of any width are aligned.
 * Undefined where the file does not reach so far. Both numbers may be what a damaged file says: Node reads nothing at some
 * positions that no file has, and throws a RangeError at others, which differ between its releases.
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
