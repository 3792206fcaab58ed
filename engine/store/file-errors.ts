import { isVectormillError, type VectormillError } from '../../core/errors.js';
import { denied, unavailable, unsupported } from './store-errors.js';

const DENIED = new Set(['EACCES', 'EPERM', 'EROFS']);
const NO_LINKS = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK']);
const IMPOSSIBLE = new Set(['ENAMETOOLONG', 'EISDIR', 'ENOTDIR', 'EEXIST', 'ELOOP', 'EFBIG', 'EILSEQ']);

/** The system's error code, such as `ENOENT`. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** Whether the path leads to nothing, or through something that is not a directory. */
export function isMissing(error: unknown): boolean {
  const code = codeOf(error);
  return code === 'ENOENT' || code === 'ENOTDIR';
}

/**
 * What a failed file system call means to a store's user. `link` is what makes create-once atomic; some file
 * systems (exFAT, a few network shares) do not have it.
 */
export function fileError(error: unknown, uri: string): VectormillError {
  if (isVectormillError(error)) return error;
  const code = codeOf(error) ?? 'unknown error';
  if (NO_LINKS.has(code) && (error as NodeJS.ErrnoException).syscall === 'link')
    return unsupported(
      uri,
      `the file system has no hard links, so it cannot create an object exactly once: ${code}`,
      'Use a local file system such as ext4, XFS, Btrfs or APFS, or an S3 store.',
    );
  if (DENIED.has(code))
    return denied(
      uri,
      `the file system refused access: ${code}`,
      'Check who owns the path and its permissions.',
    );
  if (IMPOSSIBLE.has(code))
    return unsupported(
      uri,
      `the file system cannot hold this object: ${code}`,
      'Keys become paths: shorten the name, and see that no key is also a folder of another one.',
    );
  return unavailable(uri, `the file system failed: ${code}`, error);
}
