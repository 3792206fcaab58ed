import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * Returns where downloaded and derived files live: `VECTORMILL_CACHE`, or else `vectormill` under
 * the folder that the XDG base directory specification names. Everything in it can be deleted and
 * is made again when it is needed.
 */
export function cacheFolder(environment: NodeJS.ProcessEnv = process.env): string {
  const own = environment.VECTORMILL_CACHE;
  if (own) return own;
  return join(environment.XDG_CACHE_HOME || join(homedir(), '.cache'), 'vectormill');
}
