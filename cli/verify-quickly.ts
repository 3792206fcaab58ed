import { counted } from '../core/counted.js';
import { VectormillError } from '../core/errors.js';
import type { VerifyReport } from '../engine/verify/verify-report.js';
import { verifyVersionQuickly } from '../engine/verify/verify-version.js';
import type { ReadableVersion } from '../engine/version/resolve-version.js';
import { showProgress } from './progress.js';

/** Returns the quick form of the check, with its progress on stderr. */
export async function verifyQuickly(version: ReadableVersion, json: boolean): Promise<VerifyReport> {
  const progress = showProgress('verified', 'shards', json);
  try {
    return await verifyVersionQuickly(version, progress.update);
  } finally {
    progress.stop();
  }
}

/** Returns the error for a version that does not match its manifest. */
export function verifyFailed(
  name: string,
  differences: number,
  remedy = 'Restore the named files from a copy, or embed into a new version; nothing here mends itself.',
): VectormillError {
  return new VectormillError(
    'VERIFY_FAILED',
    `${name} is not what its manifest says: ${counted(differences, 'difference')}`,
    { component: 'verify', remedy },
  );
}
