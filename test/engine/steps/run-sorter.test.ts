import { expect, test } from 'vitest';
import { byText, type TextEntry } from '../../../core/text-entry.js';
import { sha256 } from '../../../engine/files/hash.js';
import { RunSorter } from '../../../engine/steps/run-sorter.js';
import { TEXT_FILE } from '../../../engine/steps/text-file.js';
import { countingStore, RequestCount } from '../../support/counting-store.js';
import { MemoryStore } from '../../support/memory-store.js';

const AT_ONCE = 32;
const MERGED_AT_ONCE = 16;

/** Sorts as many entries as make this many runs. Returns the requests for each run. */
async function requestsPerRun(runs: number): Promise<number> {
  const count = new RequestCount();
  const sorter = new RunSorter<TextEntry>(
    countingStore(new MemoryStore('file:///memory'), count),
    {
      codec: TEXT_FILE,
      compare: byText,
      runKey: ({ level, run, piece }) => `${level}/${run}/${piece}`,
    },
    AT_ONCE,
  );
  const keys: bigint[] = [];
  for (let run = 0; run < runs; run += 1)
    await sorter.add(async () =>
      Array.from({ length: AT_ONCE }, (_, place) => {
        const rowKey = BigInt(AT_ONCE * run + place);
        return { textHash: sha256(String(rowKey)).slice(0, 32), rowKey };
      }),
    );
  const hashes: string[] = [];
  for await (const { textHash, rowKey } of sorter.sorted()) {
    hashes.push(textHash);
    keys.push(rowKey);
  }
  expect(hashes).toEqual([...hashes].sort());
  expect(new Set(keys).size).toBe(AT_ONCE * runs);
  return count.of('') / runs;
}

test('a run is written once, and once more and read in a few blocks each time that runs are merged', async () => {
  // Opening a run and its blocks, and writing it. Blocks of merged runs may end with their pieces.
  for (const [runs, merges] of [
    [1, 1],
    [16, 1],
    [40, 2],
    [256, 2],
    [400, 3],
    [1000, 3],
  ] as const)
    expect(await requestsPerRun(runs), `${runs} runs`).toBeLessThanOrEqual(merges * (MERGED_AT_ONCE + 2));
});
