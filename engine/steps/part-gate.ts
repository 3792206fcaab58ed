import type { PartGate } from './step-context.js';

/**
 * A gate that admits one at a time, first come, first served, but chunk parts before others: a turn of theirs is a write of some
 * milliseconds, and a shard that waits for it cannot be read and tokenised for the model meanwhile.
 */
export function partGate(): PartGate {
  const waiting: { chunk: (() => void)[]; other: (() => void)[] } = { chunk: [], other: [] };
  let taken = false;
  const admitNext = () => {
    const next = waiting.chunk.shift() ?? waiting.other.shift();
    if (next) next();
    else taken = false;
  };
  return {
    acquire: async (stage) => {
      if (taken)
        await new Promise<void>((admit) => waiting[stage === 'chunk' ? 'chunk' : 'other'].push(admit));
      taken = true;
      let over = false;
      return () => {
        if (over) return;
        over = true;
        admitNext();
      };
    },
  };
}
