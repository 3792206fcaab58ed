import { isVectormillError } from '../../core/errors.js';
import type { OpenVersion } from '../version/open-version.js';

/**
 * Runs `work`. Where it misses an object because another run of the job has finished the version
 * meanwhile, and has removed what only unfinished versions need, the result is that of
 * `readExisting`, which reads what the other run wrote. Errors: those of `work` and of
 * `readExisting`.
 */
export async function orFinishedMeanwhile<T>(
  { store, layout }: OpenVersion,
  work: () => Promise<T>,
  readExisting: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const isGone = isVectormillError(error) && error.code === 'OBJECT_NOT_FOUND';
    if (!isGone || !(await store.head(layout.manifest))) throw error;
    return readExisting();
  }
}
