import { access, stat } from 'node:fs/promises';

/** Says whether a file or folder is there and can be reached. */
export async function fileExists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** Says whether there is a folder, be it by a link. */
export async function folderExists(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
