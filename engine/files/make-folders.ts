import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { folderExists } from './file-exists.js';

/**
 * Makes a folder and the missing ones above it. Node's own recursive `mkdir` says ENOENT where the
 * system says that the place is read-only or full. Errors: the system's; ENOENT where the folder
 * above exists and takes no other, as below `/proc`.
 */
export async function makeFolders(folder: string): Promise<void> {
  try {
    await makeFolder(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || dirname(folder) === folder) throw error;
    await makeFolders(dirname(folder));
    await makeFolder(folder);
  }
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder);
  } catch (error) {
    // For a folder that exists on a read-only place, some systems say EROFS and others EEXIST.
    if (!(await folderExists(folder))) throw error;
  }
}
