import type { WriteStream } from 'node:tty';
import ora, { type Ora } from 'ora';

/**
 * Returns a line of progress that is overwritten again and again. It is returned unstarted.
 * Undefined where such a line is not possible: without a terminal, on a terminal that cannot move
 * its cursor (TERM=dumb) or does not know its width (as those of `docker exec` and `expect` at
 * first), and in the log of a build (CI). The cursor stays visible and in its place, so that the
 * terminal needs no repair however the process ends or is suspended (Ctrl-Z). Colours follow
 * NO_COLOR and FORCE_COLOR as Node reads them.
 */
export function liveLine(
  stream: WriteStream = process.stderr,
  environment: NodeJS.ProcessEnv = process.env,
): Ora | undefined {
  if (stream.isTTY !== true || environment.TERM === 'dumb' || environment.CI !== undefined) return undefined;
  // ora divides by the width, and with 0 it would clear lines in an endless loop.
  if (stream.columns === 0) return undefined;
  return ora({
    stream,
    isEnabled: true,
    discardStdin: false,
    hideCursor: false,
    color: stream.hasColors(environment) ? 'cyan' : false,
  });
}
