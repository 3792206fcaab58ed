import { randomBytes } from 'node:crypto';
import { type FileHandle, open, rename, unlink } from 'node:fs/promises';

/**
 * Writes a file that appears whole or not at all. It is written beside `stem` and then renamed to
 * the path that `write` returns. Its folder must exist. Errors: the system's.
 */
export async function writeWholeFile(
  stem: string,
  write: (handle: FileHandle) => Promise<string>,
): Promise<string> {
  const partial = `${stem}.${randomBytes(6).toString('hex')}.partial`;
  const handle = await open(partial, 'wx');
  try {
    const path = await write(handle);
    await handle.sync();
    await handle.close();
    await rename(partial, path);
    return path;
  } catch (error) {
    await handle.close().catch(() => undefined);
    await unlink(partial).catch(() => undefined);
    throw error;
  }
}

/** The system takes less than 2 GiB in one call. */
const PIECE_BYTES = 1 << 30;

/** Appends the bytes that an array of any type and length views. */
export async function appendBytes(
  handle: FileHandle,
  { buffer, byteOffset, byteLength }: ArrayBufferView,
): Promise<void> {
  const bytes = new Uint8Array(buffer, byteOffset, byteLength);
  for (let done = 0; done < bytes.length; )
    done += (await handle.write(bytes, done, Math.min(bytes.length - done, PIECE_BYTES))).bytesWritten;
}
