import { readFile } from 'node:fs/promises';
import { VectormillError } from '../../core/errors.js';

/** The text of a job file; `example` says where one is to be seen. Errors: JOB_UNREADABLE. */
export async function readJobFile(file: string, example: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new VectormillError('JOB_UNREADABLE', `${file} cannot be read`, {
      component: 'cli',
      file,
      cause,
      remedy: `Name a job file; ${example} shows one.`,
    });
  }
}
