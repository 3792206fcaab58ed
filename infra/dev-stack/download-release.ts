import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { sha256 } from '../../engine/files/hash.js';
import type { ReleaseArchive } from './pinned-tools.js';

const run = promisify(execFile);

/** The time that a host may take to answer before the next way is tried, in ms. */
const ANSWER_TIMEOUT_MS = 10_000;
const TRANSFER_TIMEOUT_MS = 300_000;

/**
 * Puts the archive's binary at `target`, executable, in one step: it is there completely or not at
 * all. Throws an Error with a few words on what went wrong. Nothing is unpacked unless the sha256
 * is the pinned one.
 */
export async function downloadRelease(archive: ReleaseArchive, target: string): Promise<void> {
  const bytes = await download(archive.url);
  const found = sha256(bytes);
  if (found !== archive.sha256) {
    throw new Error(`${archive.url} has sha256 ${found}, pinned is ${archive.sha256}`);
  }
  await mkdir(dirname(target), { recursive: true });
  const folder = await mkdtemp(join(dirname(target), '.download-'));
  try {
    const file = join(folder, 'archive.tar.gz');
    await writeFile(file, bytes);
    await run('tar', ['-xzf', file, '-C', folder, archive.member]);
    await chmod(join(folder, archive.member), 0o755);
    await rename(join(folder, archive.member), target);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function download(url: string): Promise<Buffer> {
  const controller = new AbortController();
  const waiting = setTimeout(() => controller.abort(), ANSWER_TIMEOUT_MS);
  const transfer = setTimeout(() => controller.abort(), TRANSFER_TIMEOUT_MS);
  try {
    const response = await fetch(url, { signal: controller.signal });
    clearTimeout(waiting);
    if (!response.ok) throw new Error(`${url} answered ${response.status}`);
    return Buffer.from(await response.arrayBuffer());
  } catch (error) {
    throw new Error(`${url} cannot be downloaded: ${reasonOf(error)}`, { cause: error });
  } finally {
    clearTimeout(waiting);
    clearTimeout(transfer);
  }
}

/** `fetch` has the actual reason in `cause`. */
function reasonOf(error: unknown): string {
  const { cause, message } = error as Error;
  return cause instanceof Error ? cause.message : message;
}
