import { stopProcess } from './process-identity.js';
import { readStack, removeStack } from './stack-file.js';

/** The time for a worker to finish its current part. What it cannot finish is computed again. */
const GRACE_MS = 30_000;

/**
 * Stops exactly the processes that the folder's state names, the worker first, and clears the
 * state. Data is kept.
 */
export async function stopStack(folder: string, log: (line: string) => void): Promise<void> {
  const { worker, temporal, s3 } = await readStack(folder);
  for (const [name, identity] of Object.entries({ worker, temporal, versitygw: s3 })) {
    if (!identity) continue;
    const outcome = await stopProcess(identity, GRACE_MS);
    log(`${name}: ${outcome === 'gone' ? 'was not running any more' : outcome} (process ${identity.pid})`);
  }
  if (!worker && !temporal && !s3) log('Nothing is up.');
  await removeStack(folder);
}
