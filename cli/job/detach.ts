import { type EndSignal, exitCodeOfDetaching, type Interruption, interruptible } from '../interruptible.js';

/** The end of the wait for work on Temporal: its result, or one of the signals. */
export type RemoteEnd<T> =
  | { kind: 'done'; value: T; alsoOnTemporal?: undefined }
  | { kind: 'detached'; by: EndSignal | undefined };

/**
 * Waits for work on Temporal. The first interruption ends the wait, and `work` then resolves to
 * undefined. Errors: the work's own.
 */
export function untilDetached<T>(
  work: (interruption: Interruption) => Promise<T | undefined>,
): Promise<RemoteEnd<T>> {
  return interruptible(async (interruption) => {
    const value = await work(interruption);
    return value === undefined ? { kind: 'detached', by: interruption.by() } : { kind: 'done', value };
  });
}

/** Work that Temporal continues after a command ends. */
export interface DetachedWork {
  /** The name of the work in sentences. */
  name: string;
  /** The fields that identify the work to a program, such as `{ job: 'handbook@v1' }`. */
  json: Readonly<Record<string, string>>;
  /** A sentence that says how to watch the work and how to end it. */
  next: string;
}

/**
 * Says that the command ends and the work goes on. Returns the exit code of `exitCodeOfDetaching`.
 */
export function printDetached(work: DetachedWork, by: EndSignal | undefined, json: boolean): number {
  if (json) console.log(JSON.stringify({ ...work.json, detached: true }));
  else console.error(`Detached; ${work.name} goes on. ${work.next}`);
  return exitCodeOfDetaching(by);
}
