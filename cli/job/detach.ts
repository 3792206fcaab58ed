import { type EndSignal, exitCodeOfDetaching } from '../interruptible.js';

/** Work that goes on where Temporal runs it. */
export interface DetachedWork {
  /** What it is called in sentences. */
  name: string;
  /** What it is told by to a program, such as `{ job: 'handbook@v1' }`. */
  json: Readonly<Record<string, string>>;
  /** How to look at it and to end it, as a sentence. */
  next: string;
}

/** Says that the command lets go and the work goes on; the exit code is `exitCodeOfDetaching`'s. */
export function sayDetached(work: DetachedWork, by: EndSignal | undefined, json: boolean): number {
  if (json) console.log(JSON.stringify({ ...work.json, detached: true }));
  else console.error(`Detached; ${work.name} goes on. ${work.next}`);
  return exitCodeOfDetaching(by);
}
