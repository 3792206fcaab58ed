import { isVectormillError } from '../../core/errors.js';
import { type EndSignal, exitCodeOfDetaching, type Interruption, interruptible } from '../interruptible.js';
import { type SameWork, searchTemporal } from './same-work.js';

/** The end of work in this process: its result, or a pause by one of the signals. */
export type LocalEnd<T> = ({ kind: 'done'; value: T } | { kind: 'paused'; by: EndSignal | undefined }) & {
  /** The id of the workflow that does the same work on Temporal, where one was found. */
  alsoOnTemporal: string | undefined;
};

/**
 * Does work in this process. The first interruption pauses it: the current parts are finished, and
 * the same command continues from there. Where Temporal runs `same` work, a note on stderr says so.
 * Errors: the work's own, but for the CANCELLED of a pause.
 */
export function untilPaused<T>(
  same: SameWork,
  work: (interruption: Interruption) => Promise<T>,
): Promise<LocalEnd<T>> {
  return interruptible(async (interruption) => {
    const search = searchTemporal(same);
    try {
      const value = await work(interruption);
      return { kind: 'done', value, alsoOnTemporal: search.found() };
    } catch (error) {
      const isPause = interruption.signal.aborted && isVectormillError(error) && error.code === 'CANCELLED';
      if (isPause) return { kind: 'paused', by: interruption.by(), alsoOnTemporal: search.found() };
      throw error;
    } finally {
      search.stop();
    }
  });
}

/** Work that was paused in this process. */
export interface PausedWork {
  /** The name of the work in sentences. */
  name: string;
  /** The fields that identify the work to a program, such as `{ job: 'handbook@v1' }`. */
  json: Readonly<Record<string, string>>;
  /** The command that goes on with the work. */
  again: string;
}

/** Says that work is paused and how it goes on. Returns the exit code of `exitCodeOfDetaching`. */
export function printPaused(
  work: PausedWork,
  { by, alsoOnTemporal }: LocalEnd<unknown> & { kind: 'paused' },
  json: boolean,
): number {
  if (json) console.log(JSON.stringify({ ...work.json, paused: true, alsoOnTemporal }));
  else
    console.error(`${work.name} is paused: its finished parts are kept. \`${work.again}\` goes on with it.`);
  return exitCodeOfDetaching(by);
}
