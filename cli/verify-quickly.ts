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
