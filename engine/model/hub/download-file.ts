import { open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { ModelLock } from '../../../core/model-lock.js';
import { fileExists } from '../../files/file-exists.js';
import { makeFolders } from '../../files/make-folders.js';
import type { HubAnswer, HubClient } from './hub-client.js';
import { HubUnavailable, otherBytes } from './hub-errors.js';
import { checkedSha256, type HubFile } from './hub-files.js';
import { addressOfHub, type HubSettings } from './hub-settings.js';

/** A repository at one commit on a hub, and the client that asks about it. */
export interface HubSnapshot extends Pick<ModelLock, 'repository' | 'commit'> {
  client: HubClient;
  settings: HubSettings;
}

/** Called with the bytes that were fetched since the last call; negative where some are dropped. */
export type OnBytes = (bytes: number) => void;

/**
 * Fetches a file, and goes on with what an earlier call left beside it, even in a process that was
 * killed. The file appears under its name once its bytes were checked. Returns its SHA-256 in hex.
 * Errors: those of `HubClient`; MODEL_CHECKSUM_MISMATCH; the system's.
 */
export async function downloadFile(
  snapshot: HubSnapshot,
  file: HubFile,
  target: string,
  onBytes: OnBytes,
): Promise<string> {
  if (await fileExists(target)) {
    const known = await checkedSha256(target, file).catch(() => undefined);
    if (known !== undefined) {
      onBytes(file.bytes);
      return known;
    }
  }
  await makeFolders(dirname(target));
  const partial = new PartialFile(target);
  onBytes(await partial.size());
  const isOnePiece = await fetchRest(snapshot, file, partial, onBytes);
  try {
    return await partial.finish(file);
  } catch (error) {
    await partial.remove();
    if (isOnePiece) throw error;
  }
  // Of several pieces, one may be of something else. The whole file is fetched once more.
  onBytes(-file.bytes);
  await fetchRest(snapshot, file, partial, onBytes);
  try {
    return await partial.finish(file);
  } catch (error) {
    await partial.remove();
    throw error;
  }
}

/**
 * Fetches what is missing of a file, with as many requests as that takes. Returns whether all bytes
 * are of one answer.
 */
async function fetchRest(
  snapshot: HubSnapshot,
  file: HubFile,
  partial: PartialFile,
  onBytes: OnBytes,
): Promise<boolean> {
  let most = await partial.size();
  let isFurther = false;
  let isOnePiece = false;
  await snapshot.client.withRetries(
    async () => {
      isFurther = false;
      const held = await partial.size();
      if (held === file.bytes && held > 0) return;
      const answer = await snapshot.client.get(addressOf(snapshot, file), await rangeFrom(held, partial));
      checkDescription(snapshot, file, answer.first);
      const start = startOf(answer, held, file.bytes);
      if (start !== held) onBytes(-held);
      if (start === undefined) {
        await partial.remove();
        throw unavailable(snapshot, 'it gave another part of a file than it was asked for');
      }
      isOnePiece = start === 0;
      let end = start;
      await partial.write(start, answer, (bytes) => {
        end += bytes;
        onBytes(bytes);
        isFurther ||= end > most;
        most = Math.max(most, end);
        if (end > file.bytes) throw otherBytes(file.path, `${file.path} is longer than ${file.bytes} bytes`);
      });
      if (end < file.bytes)
        throw unavailable(snapshot, `${file.path} ended after ${end} of ${file.bytes} bytes`);
    },
    () => isFurther,
  );
  return isOnePiece;
}

async function rangeFrom(held: number, partial: PartialFile): Promise<Record<string, string>> {
  if (held === 0) return {};
  const etag = await partial.etag();
  return { range: `bytes=${held}-`, ...(etag !== undefined && { 'if-range': etag }) };
}

/** Returns the byte with which an answer begins; undefined where it is not what was asked for. */
function startOf({ status, headers }: HubAnswer, held: number, bytes: number): number | undefined {
  if (status === 200) return 0;
  const range = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(headers.get('content-range') ?? '');
  const isAsked =
    status === 206 && Number(range?.[1]) === held && ['*', String(bytes)].includes(range?.[2] ?? '');
  return isAsked ? held : undefined;
}

/**
 * Compares what the hub says about a file before any byte of it came. Errors:
 * MODEL_CHECKSUM_MISMATCH.
 */
function checkDescription({ commit }: HubSnapshot, { path, bytes, hash }: HubFile, headers: Headers): void {
  const answered = headers.get('x-repo-commit');
  if (answered !== null && answered !== commit)
    throw otherBytes(path, `the hub answered with commit ${answered}, and ${commit} was asked for`);
  const size = headers.get('x-linked-size');
  if (size !== null && Number(size) !== bytes)
    throw otherBytes(path, `${path} has ${size} bytes on the hub, and ${bytes} are expected`);
  const [, linked] = /^"?([0-9a-f]{64})"?$/.exec(headers.get('x-linked-etag') ?? '') ?? [];
  if (linked !== undefined && hash?.kind === 'sha256' && linked !== hash.hex)
    throw otherBytes(path, `${path} has the sha256 ${linked} on the hub, and ${hash.hex} is expected`);
}

function addressOf({ repository, commit }: HubSnapshot, { path }: HubFile): string {
  return `/${repository}/resolve/${commit}/${path.split('/').map(encodeURIComponent).join('/')}`;
}

function unavailable({ settings, repository }: HubSnapshot, reason: string): HubUnavailable {
  return new HubUnavailable({ endpoint: addressOfHub(settings), repository }, reason);
}

/** The beginning of a file that is being fetched. It lies beside the file's own name. */
class PartialFile {
  readonly #target: string;
  readonly #path: string;
  readonly #etagPath: string;

  constructor(target: string) {
    this.#target = target;
    this.#path = `${target}.partial`;
    this.#etagPath = `${target}.etag`;
  }

  async size(): Promise<number> {
    return stat(this.#path).then(
      ({ size }) => size,
      () => 0,
    );
  }

  /** Returns what the server called the content of which this is the beginning, if anything. */
  async etag(): Promise<string | undefined> {
    const text = await readFile(this.#etagPath, 'utf8').catch(() => '');
    return text === '' ? undefined : text;
  }

  /** Writes an answer's body behind the first `start` bytes. */
  async write(start: number, { headers, body }: HubAnswer, onBytes: OnBytes): Promise<void> {
    const etag = headers.get('etag');
    // A weak tag says that two contents mean the same, and not that their bytes are the same.
    await writeFile(this.#etagPath, etag === null || etag.startsWith('W/') ? '' : etag);
    const handle = await open(this.#path, start > 0 ? 'a' : 'w');
    try {
      for await (const piece of body) {
        await handle.appendFile(piece);
        onBytes(piece.byteLength);
      }
    } finally {
      await handle.close();
    }
  }

  /** Gives the file its name after its bytes were checked. Returns its SHA-256 in hex. */
  async finish(file: HubFile): Promise<string> {
    // A file without bytes has no request that brings some.
    if (file.bytes === 0) await writeFile(this.#path, '');
    const sha256 = await checkedSha256(this.#path, file);
    await rename(this.#path, this.#target);
    await rm(this.#etagPath, { force: true });
    return sha256;
  }

  async remove(): Promise<void> {
    await rm(this.#path, { force: true });
    await rm(this.#etagPath, { force: true });
  }
}
