import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { type HubName, isCommit, isPathBelow } from '../../../core/model-lock.js';
import { sha256OfModelFile } from '../folder/hash-files.js';
import { modelInvalid } from '../model-errors.js';
import type { HubClient } from './hub-client.js';
import { HubUnavailable, otherBytes } from './hub-errors.js';
import { addressOfHub, type HubSettings } from './hub-settings.js';

/** The greatest size of the hub's description of a repository, in bytes. */
const LONGEST_DESCRIPTION = 32 << 20;

/** A file as the hub describes it. */
export interface HubFile {
  path: string;
  bytes: number;
  /**
   * The SHA-256 in hex for a file that lies in large-file storage, and for others the name that git
   * gives their bytes. Undefined where nobody says it.
   */
  hash: { kind: 'sha256' | 'git'; hex: string } | undefined;
}

/** The content of a repository at one revision. */
export interface HubListing {
  commit: string;
  /** The repository's present name, which is another where it was renamed. */
  repository: string;
  files: readonly HubFile[];
}

/**
 * Asks the hub for the commit and the files of a revision. Errors: those of `HubClient`;
 * MODEL_INVALID for a list that names a file outside its folder.
 */
export async function listHubFiles(
  client: HubClient,
  settings: HubSettings,
  { repository, revision }: HubName,
): Promise<HubListing> {
  const place = { endpoint: addressOfHub(settings), repository };
  const path = `/api/models/${repository}/revision/${encodeURIComponent(revision)}?blobs=true`;
  const text = await client.withRetries(async () => {
    const pieces: Uint8Array[] = [];
    let bytes = 0;
    for await (const piece of (await client.get(path)).body) {
      bytes += piece.byteLength;
      if (bytes > LONGEST_DESCRIPTION)
        throw modelInvalid(
          repository,
          `its list of files takes more than ${LONGEST_DESCRIPTION >> 20} MiB, which no model's does`,
          undefined,
          'Choose another repository, or copy the files of the model here and give their folder.',
        );
      pieces.push(piece);
    }
    return Buffer.concat(pieces).toString('utf8');
  });
  const listing = readListing(text, repository);
  if (!listing) throw new HubUnavailable(place, 'what answers there does not answer as the hub does');
  const outside = listing.files.find((file) => !isPathBelow(file.path));
  if (outside)
    throw modelInvalid(
      repository,
      `its list of files names ${JSON.stringify(outside.path)}, which lies outside its folder`,
      undefined,
      'Do not use this repository.',
    );
  return listing;
}

/** Reads what the hub answers about a revision. Undefined for anything of another form. */
function readListing(text: string, asked: string): HubListing | undefined {
  let answer: Record<string, unknown>;
  try {
    answer = JSON.parse(text) as Record<string, unknown>;
  } catch {
    return undefined;
  }
  const { sha, id, siblings } = answer ?? {};
  if (typeof sha !== 'string' || !isCommit(sha) || !Array.isArray(siblings)) return undefined;
  const files = siblings.map(readSibling);
  if (files.includes(undefined)) return undefined;
  return {
    commit: sha,
    repository: typeof id === 'string' ? id : asked,
    files: files as HubFile[],
  };
}

function readSibling(entry: unknown): HubFile | undefined {
  const { rfilename: path, size, blobId, lfs } = (entry ?? {}) as Record<string, unknown>;
  const large = lfs as { sha256?: unknown; size?: unknown } | null | undefined;
  const [bytes, hex] = large ? [large.size ?? size, large.sha256] : [size, blobId];
  const isWhole = typeof bytes === 'number' && Number.isSafeInteger(bytes) && bytes >= 0;
  const isHash = typeof hex === 'string' && (large ? /^[0-9a-f]{64}$/ : /^[0-9a-f]{40}$/).test(hex);
  if (typeof path !== 'string' || !isWhole || !isHash) return undefined;
  return { path, bytes, hash: { kind: large ? 'sha256' : 'git', hex } };
}

/**
 * Returns the SHA-256, in hex, of a file that was fetched, after it was compared with what the hub
 * describes. Errors: MODEL_CHECKSUM_MISMATCH.
 */
export async function checkedSha256(file: string, { path, hash }: HubFile): Promise<string> {
  const sha256 = await sha256OfModelFile(file);
  if (hash === undefined) return sha256;
  const found = hash.kind === 'sha256' ? sha256 : await gitHashOf(file);
  if (found === hash.hex) return sha256;
  const kind = hash.kind === 'sha256' ? 'sha256' : 'git hash';
  throw otherBytes(path, `${path} has the ${kind} ${found}, and the hub says ${hash.hex}`);
}

/** Returns the name that git gives a file's bytes. */
async function gitHashOf(file: string): Promise<string> {
  const hash = createHash('sha1').update(`blob ${(await stat(file)).size}\0`);
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}
