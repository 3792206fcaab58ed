import { randomInt, randomUUID } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { link, open, readdir, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf, isMissing } from './file-errors.js';
import { type LargeBody, piecesOfBody } from './large-body.js';
import { RESERVED_NAME_PREFIX } from './object-key.js';
import type { ObjectInfo } from './object-store.js';

const TEMPORARY = `${RESERVED_NAME_PREFIX}temporary.`;
/** The number of bytes of a large body that are read and written at once. */
const PIECE_BYTES = 1 << 20;
const ORPHANED_AFTER_MS = 3_600_000;

/** A file whose content is on disk, under a name that no listing shows. */
export interface TemporaryFile {
  path: string;
  etag: string;
}

/**
 * Makes an entity tag from the inode, the size and the time of change to the nanosecond. Every
 * write of this store makes a new inode, and a reused inode differs in time. A change goes unseen
 * only if a foreign writer changes bytes in place, keeps the size and does so within one tick of
 * the kernel's clock (at most 10 ms).
 */
export function etagOf(stats: BigIntStats): string {
  return `${stats.ino.toString(16)}-${stats.size.toString(16)}-${stats.mtimeNs.toString(16)}`;
}

/** Describes the object whose file has this state. */
export function infoOf(key: string, stats: BigIntStats): ObjectInfo {
  return { key, size: Number(stats.size), etag: etagOf(stats), modifiedAt: Number(stats.mtimeMs) };
}

/** Returns the state of a regular file, or undefined if there is none. Links are followed. */
export async function statFile(path: string | Buffer): Promise<BigIntStats | undefined> {
  try {
    const stats = await stat(path, { bigint: true });
    return stats.isFile() ? stats : undefined;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** Writes the content beside its future place and waits until the disk has it. */
export async function writeTemporary(
  directory: string,
  body: Uint8Array | LargeBody,
  signal: AbortSignal | undefined,
): Promise<TemporaryFile> {
  const path = join(directory, `${TEMPORARY}${randomUUID()}`);
  const file = await open(path, 'wx');
  try {
    const pieces = body instanceof Uint8Array ? [body] : piecesOfBody(body, PIECE_BYTES);
    for await (const piece of pieces) await file.writeFile(piece, signal ? { signal } : {});
    // The kernel stamps files with a coarse clock. Random microseconds distinguish two short-lived
    // files that got the same inode within one tick.
    const now = Date.now() / 1000 + randomInt(1000) / 1e6;
    await file.utimes(now, now);
    await file.sync();
    return { path, etag: etagOf(await file.stat({ bigint: true })) };
  } catch (error) {
    await remove(path);
    throw error;
  } finally {
    await file.close();
  }
}

/** Gives the content its name if nothing has that name yet. Returns false if something has. */
export async function createFile(temporary: TemporaryFile, target: string): Promise<boolean> {
  try {
    await link(temporary.path, target);
    return true;
  } catch (error) {
    if (codeOf(error) !== 'EEXIST' || (await isDirectory(target))) throw error;
    return false;
  }
}

async function isDirectory(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

/** Removes a file. It is not an error if the file is already gone. */
export async function remove(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}

/** Makes the directory's entries survive a power cut. */
export async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Removes what killed processes left in a directory. A live writer needs seconds, not an hour. */
export async function removeOrphans(directory: string): Promise<void> {
  const names = (await readdir(directory)).filter((name) => name.startsWith(RESERVED_NAME_PREFIX));
  for (const name of names) {
    const path = join(directory, name);
    const stats = await statFile(path);
    if (stats && Date.now() - Number(stats.mtimeMs) > ORPHANED_AFTER_MS) await remove(path);
  }
}
