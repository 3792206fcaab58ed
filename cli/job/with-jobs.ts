import type { Client } from '@temporalio/client';
import { errorWith, isVectormillError } from '../../core/errors.js';
import { withTemporal } from './connect.js';

/** Says where a reader finds work that needs no server. */
export const LOCAL_WORK =
  'Temporal knows nothing of `embed` and of what runs with --local: the command itself shows it, and `vectormill inspect ./out/name` what it has made.';

/**
 * Runs `use` with a client, for a command about jobs that Temporal knows. Where the server does not
 * answer, the error also says how to see work that needs no server. Errors: those of `withTemporal`
 * and of `use`.
 */
export async function withJobs<T>(use: (client: Client) => Promise<T>): Promise<T> {
  try {
    return await withTemporal(use);
  } catch (error) {
    if (!isVectormillError(error) || error.code !== 'TEMPORAL_UNAVAILABLE') throw error;
    throw errorWith(error, { remedy: `${error.remedy} ${LOCAL_WORK}` });
  }
}
