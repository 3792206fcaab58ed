import { type EndSignal, exitCodeOfDetaching } from '../interruptible.js';

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
