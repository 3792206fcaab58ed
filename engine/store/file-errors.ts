import { isVectormillError, type VectormillError } from '../../core/errors.js';
import { storeDenied, storeFull, storeUnavailable, storeUnsupported } from './store-errors.js';

/** The meanings of the system's error codes in words, with instructions for the user. */
const DENIED: Readonly<Record<string, readonly [reason: string, remedy: string]>> = {
  EROFS: [
    'the file system is read-only',
    'Mount it for writing on every machine that runs a worker, or give another `output`.',
  ],
  EACCES: [
    'permission was denied',
    'Let the user that runs the worker and the command read and write there; `ls -ld` on each folder of the path shows who may.',
  ],
  EPERM: [
    'the file system does not permit this operation',
    'Check who owns the path, its permissions, and whether it is marked immutable.',
  ],
};
const FULL: Readonly<Record<string, string>> = {
  ENOSPC: 'no space is left on the file system',
  EDQUOT: 'the disk quota is used up',
};
const NO_LINKS = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK']);
const IMPOSSIBLE = new Set(['ENAMETOOLONG', 'EISDIR', 'EFBIG', 'EILSEQ']);

/** Returns the system's error code, such as `ENOENT`. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** Says whether the path leads to nothing, or through something that is not a directory. */
export function isMissing(error: unknown): boolean {
  const code = codeOf(error);
  return code === 'ENOENT' || code === 'ENOTDIR';
}

/**
 * Returns what a failed file system call means to a store's user. `link` is what makes create-once
 * atomic; some file systems (exFAT, a few network shares) do not have it.
 */
export function fileError(error: unknown, uri: string): VectormillError {
  if (isVectormillError(error)) return error;
  const code = codeOf(error) ?? 'unknown error';
  if (NO_LINKS.has(code) && (error as NodeJS.ErrnoException).syscall === 'link')
    return storeUnsupported(
      uri,
      `the file system has no hard links, so it cannot create an object exactly once: ${code}`,
      'Use a local file system such as ext4, XFS, Btrfs or APFS, or an S3 store.',
    );
  const [refusal, remedy] = DENIED[code] ?? [];
  if (refusal && remedy) return storeDenied(uri, `${refusal}: ${code}`, remedy);
  if (FULL[code]) return storeFull(uri, `${FULL[code]}: ${code}`);
  if (code === 'ELOOP')
    return storeUnsupported(
      uri,
      `its symbolic links lead to one another and to nothing else: ${code}`,
      'Name the folder or file itself, or mend the links; `ls -l` on each folder of the path shows them.',
    );
  // A missing folder above is made first, so only a folder that takes no other is left.
  if (code === 'ENOENT' && (error as NodeJS.ErrnoException).syscall === 'mkdir')
    return storeUnsupported(
      uri,
      `the file system does not let a folder be made here: ${code}`,
      'Give another `output`, on a file system that keeps files.',
    );
  if (code === 'ENOTDIR' || code === 'EEXIST')
    return storeUnsupported(
      uri,
      `a part of its path is a file or a device, and no folder: ${code}`,
      'Name a folder, or a path where nothing lies yet; a key cannot also be the folder of another one.',
    );
  if (IMPOSSIBLE.has(code))
    return storeUnsupported(
      uri,
      `the file system cannot hold this object: ${code}`,
      'Keys become paths: shorten the name, and see that no key is also a folder of another one.',
    );
  return storeUnavailable(uri, `the file system failed: ${code}`, error);
}

/**
 * Returns the same for a call on a file of this machine that is not an object of a store, such as
 * one of the cache. The result is undefined for an error that the file system's state does not
 * explain.
 */
export function localFileError(error: unknown): VectormillError | undefined {
  const code = codeOf(error);
  if (code === undefined || !(code in DENIED || code in FULL)) return undefined;
  return fileError(error, (error as NodeJS.ErrnoException).path ?? 'a file of this machine');
}
