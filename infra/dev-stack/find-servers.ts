import { type FindOptions, type FoundTool, findBinary } from './find-binary.js';
import { TEMPORAL, VERSITYGW } from './pinned-tools.js';

export interface FoundServers {
  temporal: FoundTool;
  s3: FoundTool;
}

/**
 * Finds, downloads or compiles both servers of the dev stack side by side. If one fails, the work
 * on the other is still finished and not lost. Errors: as `findBinary`.
 */
export async function findServers(options: FindOptions): Promise<FoundServers> {
  const [temporal, s3] = await Promise.allSettled([
    findBinary(TEMPORAL, options),
    findBinary(VERSITYGW, options),
  ]);
  if (temporal.status === 'rejected') {
    if (s3.status === 'rejected') options.log((s3.reason as Error).message);
    throw temporal.reason;
  }
  if (s3.status === 'rejected') throw s3.reason;
  return { temporal: temporal.value, s3: s3.value };
}
