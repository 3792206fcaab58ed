import { HNSW_BUILD } from '../kernels/hnsw-build.js';
import { instantiate, setValues } from '../kernels/instantiate.js';
import type { BuildValues } from './build-layout.js';

/** The memory on which the threads of a build work. */
export interface BuildPlaces {
  memory: WebAssembly.Memory;
  /** One entry a thread. Each thread takes the next entry that no other thread has. */
  values: readonly BuildValues[];
  /** The address of an i32 that counts the entries that are taken. */
  claimed: number;
}

/** A task for one thread of a build. */
export interface BuildTask {
  places: BuildPlaces;
  work: BuildWork;
}

export type BuildWork =
  | { kind: 'open' }
  /** Adds rows side by side with the other threads, from the next row to `end`. */
  | { kind: 'add'; end: number }
  /** Adds these rows once more, one after the other. */
  | { kind: 'again'; slots: Int32Array }
  /** Searches for the rows near these rows. */
  | { kind: 'near'; slots: Int32Array; k: number };

/**
 * The answer to `near`: up to `k` slots for each row, nearest first. Other tasks answer with an
 * empty list.
 */
export type BuildReply = readonly Int32Array[];

/** Exports of kernels/assembly/hnsw-build.ts. */
interface Kernel extends Record<keyof BuildValues, WebAssembly.Global> {
  addRows(end: number): void;
  addRow(slot: number): void;
  near(slot: number): number;
}

/**
 * The lower half of an entry holds the slot and, in its highest bit, whether the search still has
 * to expand it (parts/scored.ts). This mask keeps the slot.
 */
const SLOT_BITS = 0x7fffffff;

/** The kernel of this thread, and the entries that it finds, in which slot and score alternate. */
let opened: { kernel: Kernel; best: Int32Array } | undefined;

/**
 * Does one task of a build. This is the thread's only function, and a thread takes part in one
 * build only.
 */
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
  const kernel = instantiate<Kernel>(HNSW_BUILD, memory);
  setValues(kernel, own);
  return { kernel, best: new Int32Array(memory.buffer, own.best, 2 * own.expansion) };
}
