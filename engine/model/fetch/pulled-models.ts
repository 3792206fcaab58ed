import { lstat, readdir, readFile, rm, rmdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DEFAULT_REVISION, type HubName, isCommit, type ModelLock } from '../../../core/model-lock.js';
import { cacheFolder } from '../../files/cache-folder.js';
import { makeFolders } from '../../files/make-folders.js';
import { writeWholeFile } from '../../files/whole-file.js';

/**
 * A model of the hub that is on this machine. In `<cache>/hub/<organisation>/<name>/` lie
 * - `<commit>/<name>/`: the model's folder; what the hub's own cache holds is linked there,
 * - `<commit>/lock.json`: its lock,
 * - `revisions/<revision>`: the commit for which a branch or a tag stands here until it is pulled
 *   again.
 */
export interface ExistingModel {
  lock: ModelLock;
  folder: string;
}

/** Returns the folder that holds everything of one repository. */
export function repositoryFolder(repository: string): string {
  return join(cacheFolder(), 'hub', ...repository.split('/'));
}

/** A repository at one commit. */
export type CommitPlace = Pick<ModelLock, 'repository' | 'commit'>;

/** Returns the folder that holds a model's folder and its lock. */
export function commitFolder({ repository, commit }: CommitPlace): string {
  return join(repositoryFolder(repository), commit);
}

/** Returns the name of a model's own folder: the repository's, without the organisation. */
export function folderNameOf({ repository }: Pick<ModelLock, 'repository'>): string {
  return repository.split('/').at(-1)!;
}

/** Finds a model at a commit. Undefined where it was not pulled. */
export async function findAtCommit(place: CommitPlace): Promise<ExistingModel | undefined> {
  const folder = commitFolder(place);
  const lock = parseLock(await readFile(join(folder, LOCK_FILE), 'utf8').catch(() => ''));
  return lock && { lock, folder: join(folder, folderNameOf(place)) };
}

/** Finds what a name stands for on this machine. It never asks the hub. */
export async function findPulled(name: HubName): Promise<ExistingModel | undefined> {
  const commit = await pinnedCommit(name);
  return commit === undefined ? undefined : findAtCommit({ ...name, commit });
}

/** Returns the commit for which a revision stands on this machine. */
export async function pinnedCommit({ repository, revision }: HubName): Promise<string | undefined> {
  if (isCommit(revision)) return revision;
  const text = await readFile(pinFile({ repository, revision }), 'utf8').catch(() => '');
  return isCommit(text.trim()) ? text.trim() : undefined;
}

/** Makes a revision stand for a commit. A commit stands for itself. */
export async function pinRevision(name: HubName, commit: string): Promise<void> {
  if (isCommit(name.revision)) return;
  const file = pinFile(name);
  await makeFolders(join(file, '..'));
  await writeWholeFile(file, async (handle) => {
    await handle.writeFile(`${commit}\n`);
    return file;
  });
}

/** Writes the lock into a folder that will become a commit's. */
export async function writeLock(folder: string, lock: ModelLock): Promise<void> {
  await writeFile(join(folder, LOCK_FILE), `${JSON.stringify({ formatVersion: 1, ...lock }, null, 2)}\n`);
}

/** A pulled commit of a repository, and the revisions that stand for it. */
export interface ListedModel extends ExistingModel {
  /** The names by which it is known, the default revision first. */
  names: readonly HubName[];
}

/** Lists all models of the hub on this machine, ordered by repository and commit. */
export async function listPulled(): Promise<ListedModel[]> {
  const root = join(cacheFolder(), 'hub');
  const found: ListedModel[] = [];
  for (const organisation of await foldersIn(root))
    for (const name of await foldersIn(join(root, organisation)))
      found.push(...(await listRepository(`${organisation}/${name}`)));
  return found;
}

/** Lists the pulled commits of one repository. */
export async function listRepository(repository: string): Promise<ListedModel[]> {
  const pins = await pinsOf(repository);
  const found: ListedModel[] = [];
  for (const commit of (await foldersIn(repositoryFolder(repository))).filter(isCommit)) {
    const existing = await findAtCommit({ repository, commit });
    const revisions = [...pins].filter(([, pinned]) => pinned === commit).map(([revision]) => revision);
    const names = (revisions.length > 0 ? revisions : [commit]).map((revision) => ({ repository, revision }));
    if (existing) found.push({ ...existing, names });
  }
  return found;
}

/** Takes away a commit of a repository and the revisions that stand for it. */
export async function removePulled({ lock, names }: ListedModel): Promise<void> {
  for (const name of names) if (!isCommit(name.revision)) await rm(pinFile(name), { force: true });
  // What is linked into the folder stays where it lies.
  await rm(commitFolder(lock), { recursive: true, force: true });
  await rmdir(join(repositoryFolder(lock.repository), 'revisions')).catch(() => {});
  await removeEmptyFolders(lock.repository);
}

/** Takes away a repository's folder and those above it, as far as they are empty. */
export async function removeEmptyFolders(repository: string): Promise<void> {
  const folder = repositoryFolder(repository);
  for (const place of [folder, dirname(folder), dirname(dirname(folder))])
    try {
      await rmdir(place);
    } catch {
      return;
    }
}

/** Adds up the bytes of a model's files, without those that are linked into its folder. */
export async function ownBytes({ folder, lock }: ExistingModel): Promise<number> {
  let bytes = 0;
  for (const { path } of lock.files) {
    const found = await lstat(join(folder, path)).catch(() => undefined);
    if (found?.isFile()) bytes += found.size;
  }
  return bytes;
}

const LOCK_FILE = 'lock.json';

function pinFile({ repository, revision }: HubName): string {
  return join(repositoryFolder(repository), 'revisions', encodeURIComponent(revision));
}

async function pinsOf(repository: string): Promise<Map<string, string>> {
  const names = await readdir(join(repositoryFolder(repository), 'revisions')).catch(() => []);
  const pins = new Map<string, string>();
  for (const name of names.sort()) {
    const revision = decodeURIComponent(name);
    const commit = await pinnedCommit({ repository, revision });
    if (commit !== undefined) pins.set(revision, commit);
  }
  const main = pins.get(DEFAULT_REVISION);
  return main === undefined ? pins : new Map([[DEFAULT_REVISION, main], ...pins]);
}

async function foldersIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();
}

function parseLock(text: string): ModelLock | undefined {
  try {
    const { formatVersion, repository, commit, files } = JSON.parse(text) as ModelLock & {
      formatVersion: number;
    };
    return formatVersion === 1 ? { repository, commit, files } : undefined;
  } catch {
    return undefined;
  }
}
