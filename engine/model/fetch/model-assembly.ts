import { copyFile, link, rename, rm, stat, statfs, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { VectormillError } from '../../../core/errors.js';
import {
  coversLock,
  isCommit,
  isPathBelow,
  type LockedFile,
  type ModelLock,
  parseHubName,
} from '../../../core/model-lock.js';
import { fileExists } from '../../files/file-exists.js';
import { makeFolders } from '../../files/make-folders.js';
import { checkedSha256, type HubFile } from '../hub/hub-files.js';
import type { OnBytes } from '../hub/partial-file.js';
import { modelInvalid } from '../model-errors.js';
import {
  type CommitPlace,
  commitFolder,
  type ExistingModel,
  findAtCommit,
  folderNameOf,
  removeEmptyFolders,
  writeLock,
} from './pulled-models.js';
import { openStagingFolder } from './staging-folder.js';

/** Puts a file's checked bytes at `target` and returns their SHA-256 in hex. */
export type FileFetcher = (file: HubFile, target: string, onBytes: OnBytes) => Promise<string>;

export interface AssemblyOptions {
  fetch: FileFetcher;
  /** A folder of another program that may hold the same files, which are linked. */
  foreign?: string | undefined;
  log: (line: string) => void;
  onBytes: OnBytes;
}

/**
 * Puts a model's files together in a folder that nobody reads yet, out of what is on this machine
 * and what is fetched, and then gives the folder its place, whole or not at all.
 */
export class ModelAssembly {
  readonly #place: CommitPlace;
  readonly #options: AssemblyOptions;
  readonly #staging: string;
  readonly #existing: ExistingModel | undefined;
  readonly #files: LockedFile[] = [];
  #fetched = 0;

  private constructor(
    place: CommitPlace,
    options: AssemblyOptions,
    staging: string,
    existing: ExistingModel | undefined,
  ) {
    this.#place = place;
    this.#options = options;
    this.#staging = staging;
    this.#existing = existing;
  }

  /**
   * Begins, or goes on with what a killed process left. Errors: the system's; MODEL_INVALID for a
   * repository or a commit whose folder would lie elsewhere.
   */
  static async open(place: CommitPlace, options: AssemblyOptions): Promise<ModelAssembly> {
    const { repository, commit } = place;
    if (parseHubName(repository)?.repository !== repository || !isCommit(commit))
      throw modelInvalid(
        repository,
        `${JSON.stringify(`${repository}@${commit}`)} is no commit of a repository`,
      );
    for (;;) {
      const staging = await openStagingFolder(place, options.log);
      if (staging !== undefined) return new ModelAssembly(place, options, staging, await findAtCommit(place));
    }
  }

  /** The model's folder while it is put together. */
  get folder(): string {
    return join(this.#staging, folderNameOf(this.#place));
  }

  /** The number of files that had to be fetched so far. */
  get fetched(): number {
    return this.#fetched;
  }

  /** Adds a file. Errors: those of `fetch`; the system's; MODEL_INVALID for a path elsewhere. */
  async add(file: HubFile): Promise<void> {
    const { path, bytes } = file;
    if (!isPathBelow(path))
      throw modelInvalid(path, `${JSON.stringify(path)} lies outside the model's folder`);
    if (this.#files.some((held) => held.path === path)) return;
    const target = join(this.folder, path);
    const sha256 = await this.#find(file, target);
    if (sha256 !== undefined) this.#options.onBytes(bytes);
    else this.#fetched += 1;
    this.#files.push({
      path,
      bytes,
      sha256: sha256 ?? (await this.#options.fetch(file, target, this.#options.onBytes)),
    });
  }

  /** Refuses files that do not fit on the disk, before they are fetched. Errors: STORE_FULL. */
  async assertRoom(files: readonly HubFile[]): Promise<void> {
    let needed = 0;
    for (const { path, bytes } of files) {
      const held = await this.#held(path);
      needed += Math.max(0, bytes - held);
    }
    const { bavail, bsize } = await statfs(this.#staging);
    if (needed <= bavail * bsize) return;
    throw new VectormillError(
      'STORE_FULL',
      `${this.#place.repository} needs ${needed} more bytes, and ${bavail * bsize} are free in ${dirname(this.#staging)}`,
      {
        component: 'model',
        file: dirname(this.#staging),
        remedy: 'Make room there, or set VECTORMILL_CACHE to a folder on a larger disk.',
      },
    );
  }

  /**
   * Gives the model its place. Files that an earlier pull of the same commit brought stay with it.
   * Errors: the system's.
   */
  async publish(): Promise<ExistingModel> {
    const { repository, commit } = this.#place;
    const lock: ModelLock = { repository, commit, files: this.#files };
    const existing = this.#existing;
    if (existing && this.#fetched === 0 && coversLock(existing.lock, lock)) {
      await this.discard();
      return existing;
    }
    for (const { path, bytes, sha256 } of existing?.lock.files ?? [])
      await this.add({ path, bytes, hash: { kind: 'sha256', hex: sha256 } }).catch(() => {});
    const whole = { ...lock, files: [...this.#files].sort((a, b) => (a.path < b.path ? -1 : 1)) };
    await writeLock(this.#staging, whole);
    const folder = commitFolder(this.#place);
    await replaceFolder(this.#staging, folder);
    return { lock: whole, folder: join(folder, folderNameOf(this.#place)) };
  }

  /** Takes away what was put together, and the folders around it where they are empty. */
  async discard(): Promise<void> {
    await rm(this.#staging, { recursive: true, force: true });
    await removeEmptyFolders(this.#place.repository);
  }

  /** Takes a file from this machine. Undefined where it is not here with the right bytes. */
  async #find(file: HubFile, target: string): Promise<string | undefined> {
    await makeFolders(dirname(target));
    if (await fileExists(target)) return checkedSha256(target, file).catch(() => undefined);
    for (const take of [this.#takeExisting, this.#linkForeign]) {
      if (!(await take.call(this, file, target))) continue;
      const sha256 = await checkedSha256(target, file).catch(() => undefined);
      if (sha256 !== undefined) return sha256;
      await rm(target, { force: true });
    }
    return undefined;
  }

  async #takeExisting({ path }: HubFile, target: string): Promise<boolean> {
    if (!this.#existing) return false;
    const source = join(this.#existing.folder, path);
    return succeeds(link(source, target).catch(() => copyFile(source, target)));
  }

  /** Links a file of the other program, or copies it where the system permits no links. */
  async #linkForeign({ path, bytes }: HubFile, target: string): Promise<boolean> {
    if (this.#options.foreign === undefined) return false;
    const source = join(this.#options.foreign, path);
    const found = await stat(source).catch(() => undefined);
    if (!found?.isFile() || found.size !== bytes) return false;
    return succeeds(symlink(source, target).catch(() => copyFile(source, target)));
  }

  /** Returns how many bytes of a file are on this machine. */
  async #held(path: string): Promise<number> {
    const target = join(this.folder, path);
    const places = [this.#existing?.folder, this.#options.foreign].map(
      (folder) => folder && join(folder, path),
    );
    for (const place of [target, `${target}.partial`, ...places]) {
      const found = place ? await stat(place).catch(() => undefined) : undefined;
      if (found) return found.size;
    }
    return 0;
  }
}

/**
 * Puts a folder in the place of another. Processes that have files of the other open can go on
 * reading them.
 */
async function replaceFolder(from: string, to: string): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await rename(from, to);
      return;
    } catch (error) {
      const isThere = ['EEXIST', 'ENOTEMPTY', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '');
      if (attempt === 3 || !isThere) throw error;
      await rm(to, { recursive: true, force: true });
    }
  }
}

function succeeds(work: Promise<unknown>): Promise<boolean> {
  return work.then(
    () => true,
    () => false,
  );
}
