import { randomUUID } from 'node:crypto';
import { rm, statfs, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { SUPPORTED_NODES, supportsNode } from '../../core/supported-node.js';
import { availableCores } from '../../engine/concurrency/available-cores.js';
import { cacheFolder } from '../../engine/files/cache-folder.js';
import { makeFolders } from '../../engine/files/make-folders.js';
import { type Check, failed, ok } from './check.js';

/** About as much as a model, its graph and the dev stack's binaries take. */
const NEEDED_BYTES = 1024 ** 3;

export const nodeCheck: Check = {
  name: 'node',
  run: async () => {
    const found = `Node ${process.versions.node} on ${process.platform} ${process.arch}`;
    if (supportsNode(process.versions.node)) return ok(found);
    return failed(found, `Install Node ${SUPPORTED_NODES}.`);
  },
};

export const coresCheck: Check = {
  name: 'cores',
  run: async () => ok(`${availableCores()} to compute on, of ${availableParallelism()} seen`),
};

export const cacheCheck: Check = {
  name: 'cache',
  run: async () => {
    const folder = cacheFolder();
    const file = join(folder, `.doctor-${randomUUID()}`);
    try {
      await makeFolders(folder);
      await writeFile(file, 'written by vectormill doctor');
      return ok(`${folder} is writable`);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      return failed(`${folder}: ${why}`, 'Make it writable, or set VECTORMILL_CACHE to a folder that is.');
    } finally {
      await rm(file, { force: true }).catch(() => undefined);
    }
  },
};

export const diskCheck: Check = {
  name: 'disk',
  needs: 'cache',
  run: async () => {
    const { bavail, bsize } = await statfs(cacheFolder());
    const found = `${((bavail * bsize) / 1024 ** 3).toFixed(1)} GiB free at ${cacheFolder()}`;
    return bavail * bsize >= NEEDED_BYTES
      ? ok(found)
      : failed(found, 'Free 1 GiB, or set VECTORMILL_CACHE to a folder on a larger disk.');
  },
};
