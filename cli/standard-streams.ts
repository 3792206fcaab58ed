import { VectormillError } from '../core/errors.js';
import { reportError } from './report-error.js';

/**
 * What a write meets when the reader has gone: a pipe that `head` has closed, a terminal that is no
 * more.
 */
const READER_GONE = ['EPIPE', 'EIO'];

/**
 * Lets a command go on to its own end and exit code where nobody reads what it prints any more.
 * Output that is wanted and cannot be written, such as to a full disk, is a failure. Errors of
 * stderr have nowhere to be told.
 */
export function guardStandardStreams(): void {
  process.stderr.on('error', () => {});
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (READER_GONE.includes(error.code ?? '')) return;
    const failure = new VectormillError(
      'STORE_UNAVAILABLE',
      `what was found cannot be printed: ${error.message}`,
      {
        component: 'cli',
        cause: error,
        remedy: 'Make room where standard output goes, or send it elsewhere, and run the command again.',
      },
    );
    const code = reportError(failure, false);
    process.once('exit', () => {
      process.exitCode = code;
    });
  });
}
