import type { PartGate } from './step-context.js';

/**
 * Makes a gate that admits one caller at a time, in the order of arrival, but chunk parts before
 * others. A chunk part's turn is a write of some milliseconds, and a shard that waits for it cannot
 * be read and tokenised for the model in the meantime.
 */
export function partGate(): PartGate {
  const waiting: { chunk: (() => void)[]; other: (() => void)[] } = { chunk: [], other: [] };
  const handedOn: (() => void)[] = [];
  let taken = false;
  const endTurn = async (): Promise<void> => {
    const chunk = waiting.chunk.shift();
    if (chunk) {
      chunk();
      if (waiting.other.length > 0) await new Promise<void>((resolve) => handedOn.push(resolve));
      return;
    }
    const other = waiting.other.shift();
    if (other) other();
    else taken = false;
    for (const go of handedOn.splice(0)) go();
  };
  return {
    acquire: async (stage) => {
      if (taken)
        await new Promise<void>((admit) => waiting[stage === 'chunk' ? 'chunk' : 'other'].push(admit));
      taken = true;
      let over: Promise<void> | undefined;
      return () => {
        over ??= endTurn();
        return over;
      };
    },
  };
}
