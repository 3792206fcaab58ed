import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type HubName, isCommit } from '../../../core/model-lock.js';
import type { HubFile } from './hub-files.js';
import type { HubSettings } from './hub-settings.js';

/**
 * Returns the folder in which the tools of the hub keep a repository's files at one commit
 * (https://huggingface.co/docs/hub/local-cache). It is read, and nothing is ever written there or
 * taken away.
 */
export function snapshotFolder(
  { cache }: Pick<HubSettings, 'cache'>,
  { repository, commit }: { repository: string; commit: string },
): string {
  return join(repositoryFolder(cache, repository), 'snapshots', commit);
}

/** Reads the commit that a revision had when the hub's tools last asked, if they did. */
export async function cachedCommit(
  { cache }: Pick<HubSettings, 'cache'>,
  { repository, revision }: HubName,
): Promise<string | undefined> {
  if (isCommit(revision)) return revision;
  const file = join(repositoryFolder(cache, repository), 'refs', revision);
  const text = (await readFile(file, 'utf8').catch(() => '')).trim();
  return isCommit(text) ? text : undefined;
}

/**
 * Lists the files of a snapshot with their sizes. Their hashes are not known: the names of their
 * blobs are hashes, but a cache without links has none. Empty where there is no snapshot.
 */
export async function listSnapshot(folder: string): Promise<HubFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const found: HubFile[] = [];
  for (const { parentPath, name } of entries) {
    const path = join(parentPath, name);
    const stats = await stat(path).catch(() => undefined);
    if (!stats?.isFile()) continue;
    found.push({
      path: path
        .slice(folder.length + 1)
        .split(/[/\\]/)
        .join('/'),
      bytes: stats.size,
      hash: undefined,
    });
  }
  return found.sort((a, b) => (a.path < b.path ? -1 : 1));
}

function repositoryFolder(cache: string, repository: string): string {
  return join(cache, `models--${repository.replace('/', '--')}`);
}
