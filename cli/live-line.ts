import type { WriteStream } from 'node:tty';
import ora, { type Ora } from 'ora';

/**
 * A line of progress that is written over and over again, not yet started; undefined where that
 * cannot be: no terminal, one that cannot move its cursor (TERM=dumb) or does not know its width,
 * as those of `docker exec` and `expect` at first, or the log of a build (CI). The cursor stays
 * where it is and visible, so that nothing has to be put right again however the process ends or is
 * stopped (Ctrl-Z). Colours as Node reads NO_COLOR and FORCE_COLOR.
 */
export function liveLine(
  stream: WriteStream = process.stderr,
  environment: NodeJS.ProcessEnv = process.env,
): Ora | undefined {
  if (stream.isTTY !== true || environment.TERM === 'dumb' || environment.CI !== undefined) return undefined;
  // ora divides by the width, and would clear lines without end.
  if (stream.columns === 0) return undefined;
  return ora({
    stream,
    isEnabled: true,
    discardStdin: false,
    hideCursor: false,
    color: stream.hasColors(environment) ? 'cyan' : false,
  });
}
