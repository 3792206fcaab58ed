import { seededRandom } from '../../../core/seeded-random.js';
import { streamOf } from './stream-of.js';

/**
 * The events that may befall a request, or the process that sends it:
 * - `unavailable`: it is answered 503, and not carried out.
 * - `lost request`: the connection breaks before it arrives.
 * - `lost answer`: it is carried out, and the connection breaks.
 * - `late request`: the connection breaks, and it arrives some time later.
 * - `conflict`: a conditional write is answered 409.
 * - `slow body`, `broken body`: the bytes of an answer come in pieces, or break off.
 * - `crash before`, `crash after`: the process ends before or after it is carried out.
 * - `stall`: the process stops for a while, is believed to be dead, and then goes on.
 */
export type FaultKind =
  | 'unavailable'
  | 'lost request'
  | 'lost answer'
  | 'late request'
  | 'conflict'
  | 'slow body'
  | 'broken body'
  | 'crash before'
  | 'crash after'
  | 'stall';

/** A fault at a request of a process, whose requests are numbered from 0. */
export interface RequestFault {
  process: string;
  request: number;
  kind: FaultKind;
}

/** The kind of a request, on which it depends what can happen to it. */
export type RequestKind = 'read' | 'body' | 'write' | 'conditional write';

/** Says what happens to a request. */
export type FaultSource = (process: string, request: number, kind: RequestKind) => FaultKind | undefined;

const ALWAYS: readonly FaultKind[] = [
  'unavailable',
  'lost request',
  'lost answer',
  'crash before',
  'crash after',
  'stall',
  'stall',
];
const POSSIBLE: Readonly<Record<RequestKind, readonly FaultKind[]>> = {
  read: ALWAYS,
  body: [...ALWAYS, 'slow body', 'broken body'],
  write: [...ALWAYS, 'lost answer', 'late request'],
  'conditional write': [...ALWAYS, 'lost answer', 'late request', 'conflict'],
};

/**
 * Draws faults, at each request with this probability. A process has the same faults whatever
 * others do.
 */
export function drawnFaults(seed: number, probability: number): FaultSource {
  const streams = new Map<string, () => number>();
  return (process, _, kind) => {
    if (probability === 0) return undefined;
    const random = streams.get(process) ?? seededRandom(seed, streamOf(process));
    streams.set(process, random);
    if (random() >= probability) return undefined;
    const kinds = POSSIBLE[kind];
    return kinds[Math.floor(random() * kinds.length)];
  };
}

/** Gives exactly the faults of a list. */
export function listedFaults(faults: readonly RequestFault[]): FaultSource {
  const kinds = new Map(faults.map(({ process, request, kind }) => [`${process} ${request}`, kind]));
  return (process, request) => kinds.get(`${process} ${request}`);
}
