import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';

/**
 * Makes a folder for the test file, which is also used as the cache, and removed after its tests.
 */
export function useTemporaryFolder(): { readonly path: string } {
  const folder = { path: '' };
  const before = process.env.VECTORMILL_CACHE;
  beforeAll(async () => {
    folder.path = await mkdtemp(join(tmpdir(), 'vectormill-model-'));
    process.env.VECTORMILL_CACHE = join(folder.path, 'cache');
  });
  afterAll(async () => {
    if (before === undefined) delete process.env.VECTORMILL_CACHE;
    else process.env.VECTORMILL_CACHE = before;
    await rm(folder.path, { recursive: true, force: true });
  });
  return folder;
}
