import type { ModelLock } from '../../../core/model-lock.js';
import type { HubAnswer, HubClient } from './hub-client.js';
import { HubUnavailable, otherBytes } from './hub-errors.js';
import type { HubFile } from './hub-files.js';
import { addressOfHub, type HubSettings } from './hub-settings.js';
import { completeFile, type OnBytes, type PartialFile } from './partial-file.js';

/** A repository at one commit on a hub, and the client that asks about it. */
export interface HubSnapshot extends Pick<ModelLock, 'repository' | 'commit'> {
  client: HubClient;
  settings: HubSettings;
}

/**
 * Fetches a file as `completeFile` does. Returns its SHA-256 in hex. Errors: those of `HubClient`
 * and of `completeFile`.
 */
export function downloadFile(
  snapshot: HubSnapshot,
  file: HubFile,
  target: string,
  onBytes: OnBytes,
): Promise<string> {
  return completeFile(file, target, onBytes, (partial) => fetchRest(snapshot, file, partial, onBytes));
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
      await partial.noteEtag(strongTagOf(answer));
      await partial.write(start, answer.body, (bytes) => {
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

/**
 * Returns the entity tag of an answer. A weak one says that two contents mean the same, and not
 * that their bytes are the same.
 */
function strongTagOf({ headers }: HubAnswer): string | undefined {
  const etag = headers.get('etag');
  return etag === null || etag.startsWith('W/') ? undefined : etag;
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
