import type { PartGate } from './step-context.js';

/** A gate that admits one at a time, first come, first served. */
export function partGate(): PartGate {
  let last: Promise<void> = Promise.resolve();
  return {
    acquire: async () => {
      const before = last;
      let release: () => void = () => {};
      last = new Promise((resolve) => {
        release = resolve;
      });
      await before;
      return release;
    },
  };
}
