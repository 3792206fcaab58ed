/** One file of a model, and its exact bytes. */
export interface LockedFile {
  /** Relative to the model's folder, with `/` between names. */
  path: string;
  bytes: number;
  /** The SHA-256, in hex. */
  sha256: string;
}

/**
 * A model's exact bytes: the files that were fetched of a repository on the Hugging Face hub, at
 * one commit. A job's record holds it, so that every worker computes with the same bytes.
 */
export interface ModelLock {
  /** The repository, as `organisation/name`. */
  repository: string;
  /** The commit, 40 hex digits. */
  commit: string;
  files: readonly LockedFile[];
}

/** A model on the hub, as a command or a job names it: `organisation/name` or with `@revision`. */
export interface HubName {
  repository: string;
  /** A branch, a tag, a reference such as `refs/pr/1`, or a commit. */
  revision: string;
}

/** The revision of a name that has none. */
export const DEFAULT_REVISION = 'main';

const NAME = '[A-Za-z0-9_](?:[A-Za-z0-9._-]{0,95})';
const REPOSITORY = new RegExp(`^${NAME}/${NAME}$`);
const REVISION = /^[A-Za-z0-9_](?:[A-Za-z0-9._/+-]{0,199})$/;

/** Reads a model's name on the hub. Undefined for anything else, such as a path or a plain name. */
export function parseHubName(text: string): HubName | undefined {
  const at = text.indexOf('@');
  const repository = at < 0 ? text : text.slice(0, at);
  const revision = at < 0 ? DEFAULT_REVISION : text.slice(at + 1);
  if (!REPOSITORY.test(repository) || /\.\.|--/.test(repository)) return undefined;
  if (!REVISION.test(revision) || revision.split('/').some((part) => part === '' || part.startsWith('.')))
    return undefined;
  return { repository, revision };
}

/** Returns a name as it is typed. */
export function hubNameText({ repository, revision }: HubName): string {
  return revision === DEFAULT_REVISION ? repository : `${repository}@${revision}`;
}

/** Returns whether a text is a commit. */
export function isCommit(text: string): boolean {
  return /^[0-9a-f]{40}$/.test(text);
}

/**
 * Returns whether a path from a list of another machine stays in the folder that it is joined to,
 * on every system.
 */
export function isPathBelow(path: string): boolean {
  return path.split('/').every((name) => /^[^\\:\0]+$/.test(name) && name !== '.' && name !== '..');
}

/** Adds up the sizes of all files of a lock, in bytes. */
export function bytesOfLock({ files }: Pick<ModelLock, 'files'>): number {
  return files.reduce((sum, { bytes }) => sum + bytes, 0);
}

/**
 * Returns whether weights with this SHA-256, in hex, are among the locked files. Somebody may have
 * put another model into the folder of a name since it was pulled; what the name means elsewhere is
 * then something else.
 */
export function locksWeights({ files }: Pick<ModelLock, 'files'>, weightsSha256: string | null): boolean {
  const isSharded = files.filter(({ path }) => /\.(safetensors|onnx)$/.test(path)).length > 1;
  return isSharded || files.some(({ sha256 }) => sha256 === weightsSha256);
}

/**
 * Returns whether the files that one lock names are among those of another, with the same bytes.
 */
export function coversLock(held: Pick<ModelLock, 'files'>, asked: Pick<ModelLock, 'files'>): boolean {
  const hashes = new Map(held.files.map(({ path, sha256 }) => [path, sha256]));
  return asked.files.every(({ path, sha256 }) => hashes.get(path) === sha256);
}
