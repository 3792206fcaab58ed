import { VectormillError } from '../core/errors.js';
import { reportError } from './report-error.js';

/**
 * The errors of a write whose reader is gone: a pipe that `head` has closed, or a terminal that no
 * longer exists.
 */
const READER_GONE = ['EPIPE', 'EIO'];

/**
 * Lets a command continue to its own end and exit code where nobody reads its output any more. If
 * output is wanted but cannot be written, as on a full disk, the command fails. Errors of stderr
 * cannot be reported anywhere.
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
