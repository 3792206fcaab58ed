import { access } from 'node:fs/promises';

/** Says whether a file or folder is there and can be reached. */
export async function fileExists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
