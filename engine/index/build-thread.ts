import { GRAPH_BUILD } from '../kernels/graph-build.js';
import { instantiate, setValues } from '../kernels/instantiate.js';
import type { BuildValues } from './build-layout.js';

/** What the threads of a build work on. */
export interface BuildPlaces {
  memory: WebAssembly.Memory;
  /** One a thread; each takes the next that nobody has. */
  values: readonly BuildValues[];
  /** The address of the number of those that are taken, i32. */
  claimed: number;
}

/** What one thread of a build is asked to do. */
export interface BuildTask {
  places: BuildPlaces;
  work: BuildWork;
}

export type BuildWork =
  | { kind: 'open' }
  /** Adds rows side by side with the other threads, from the next one to `end`. */
  | { kind: 'add'; end: number }
  /** Adds these rows once more, one after the other. */
  | { kind: 'again'; slots: Int32Array }
  /** Looks for the rows near to these. */
  | { kind: 'near'; slots: Int32Array; k: number };

/** Of `near`: for each row up to `k` slots, nearest first. */
export type BuildReply = readonly Int32Array[];

/** Exports of kernels/assembly/graph-build.ts. */
interface Kernel extends Record<keyof BuildValues, WebAssembly.Global> {
  addRows(end: number): void;
  addRow(slot: number): void;
  near(slot: number): number;
}

/** Beside a slot, in the lower half of an entry: whether it is still to be looked at (parts/scored.ts). */
const SLOT_BITS = 0x7fffffff;

/** This thread's kernel, and where it puts the entries that it finds: slot and score, in turns. */
let opened: { kernel: Kernel; best: Int32Array } | undefined;

/** The thread's only function: one task of the only build that it ever takes part in. */
export default function runTask({ places, work }: BuildTask): BuildReply {
  opened ??= open(places);
  const { kernel, best } = opened;
  switch (work.kind) {
    case 'open':
      return [];
    case 'add':
      kernel.addRows(work.end);
      return [];
    case 'again':
      for (const slot of work.slots) kernel.addRow(slot);
      return [];
    case 'near':
      return Array.from(work.slots, (slot) => {
        const found = Math.min(work.k, kernel.near(slot));
        return Int32Array.from({ length: found }, (_, rank) => best[2 * rank]! & SLOT_BITS);
      });
  }
}

function open({ memory, values, claimed }: BuildPlaces): NonNullable<typeof opened> {
  const own = values[Atomics.add(new Int32Array(memory.buffer, claimed, 1), 0, 1)];
  if (!own) throw new Error('a build has more threads than places');
  const kernel = instantiate<Kernel>(GRAPH_BUILD, memory);
  setValues(kernel, own);
  return { kernel, best: new Int32Array(memory.buffer, own.best, 2 * own.expansion) };
}
