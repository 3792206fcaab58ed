import type { Mining, MiningRun } from './open-mining.js';

/** Whether the triplets are readable, and every step done. */
export async function isMined({ store, layout }: Mining): Promise<boolean> {
  return (await store.head(layout.manifest)) !== undefined;
}

/**
 * Runs a step of a shard unless the record at `key`, which it writes, stands. Where another process wrote the manifest
 * meanwhile, the checkpoints that the step reads may be gone, and there is nothing left for it to do.
 */
export async function unlessDone(
  mining: Mining,
  key: string,
  { signal }: Pick<MiningRun, 'signal'>,
  step: () => Promise<void>,
): Promise<void> {
  if ((await mining.store.head(key)) || (await isMined(mining))) return;
  try {
    await step();
  } catch (error) {
    if (signal.aborted || !(await isMined(mining))) throw error;
  }
}

/** Removes what only unfinished triplets need; what an earlier run left over goes, too. Never before there is a manifest. */
export async function removeCheckpoints(mining: Mining): Promise<void> {
  const { store, layout } = mining;
  if (!(await isMined(mining))) return;
  for (const prefix of layout.checkpoints)
    for await (const { key } of store.list(prefix)) await store.delete(key);
}
