import { errorWith, isVectormillError } from '../../../core/errors.js';
import { versionLayout } from '../../../core/layout.js';
import type { OpenVersion } from '../../version/open-version.js';

/** The codes of errors of files that are gone or not what they were. */
const FILE_CODES = ['OBJECT_NOT_FOUND', 'CHECKSUM_MISMATCH', 'FILE_DAMAGED'];

/**
 * Does work that reads the parent of a version. An error about one of the parent's files tells how
 * to go on without the parent. Errors: those of `work`.
 */
export async function readingParent<T>({ store, job }: OpenVersion, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (job.parent === null || !isVectormillError(error) || !FILE_CODES.includes(error.code)) throw error;
    const { prefix } = versionLayout(job.spec.dataset, job.parent);
    if (!error.file?.startsWith(`${store.root}/${prefix}/`)) throw error;
    throw errorWith(error, {
      remedy:
        'This file belongs to the parent. Restore it from a copy, or start a version of another name with `parent: none`, which embeds everything.',
    });
  }
}
