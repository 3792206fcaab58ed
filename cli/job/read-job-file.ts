import { readFile } from 'node:fs/promises';
import { VectormillError } from '../../core/errors.js';

const CAUSES: Readonly<Record<string, string>> = {
  EACCES: 'may not be read by this user',
  EISDIR: 'is a folder, not a file',
  ENOENT: 'is not there',
  ENOTDIR: 'is not there',
};

/**
 * Returns the text of a job file. `example` says where to see an example. Errors: JOB_UNREADABLE.
 */
export async function readJobFile(file: string, example: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    const { code = '' } = cause as NodeJS.ErrnoException;
    const why = CAUSES[code] ?? `cannot be read (${code})`;
    throw new VectormillError('JOB_UNREADABLE', `${file} ${why}`, {
      component: 'cli',
      file,
      cause,
      remedy: `Name a job file; ${example} shows one.`,
    });
  }
}
