import { isFinal, isVectormillError } from '../../core/errors.js';
import type { VersionLocation } from '../../core/job-spec.js';
import type { CollectionResult } from '../../core/retention/collection.js';
import type { RetentionPolicy } from '../../core/retention/retention-policy.js';
import type { StoreOpener } from '../store/store-cache.js';
import { type CollectionRun, collect } from './collect.js';

/**
 * Deletes the versions of a dataset that nothing needs, after a version is complete. A failure that
 * a retry cannot mend is a result, because the version is complete all the same. Errors:
 * STORE_UNAVAILABLE, CANCELLED.
 */
export async function collectAfter(
  openStore: StoreOpener,
  { output, dataset }: VersionLocation,
  policy: RetentionPolicy,
  run: CollectionRun,
): Promise<CollectionResult> {
  try {
    return await collect(openStore(output), dataset, { policy, dropped: [] }, run);
  } catch (error) {
    if (!isVectormillError(error) || !isFinal(error.code)) throw error;
    const { code, message } = error;
    return { outcome: 'failed', code, message };
  }
}
