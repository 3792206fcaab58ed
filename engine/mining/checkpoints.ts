import type { MiningRecord } from '../../core/mining/mining-spec.js';
import { readJsonRecord } from '../version/read-json-record.js';
import { assertOwnEdition } from './mining-edition.js';
import type { Mining, MiningRun } from './open-mining.js';

/** Returns whether the triplets are readable, which means that every step is done. */
export async function isMined({ store, layout }: Mining): Promise<boolean> {
  return (await store.head(layout.manifest)) !== undefined;
}

/**
 * Runs a step of a shard unless the record at `key`, which the step writes, exists. If another
 * process has written the manifest meanwhile, the checkpoints that the step reads may be gone, and
 * nothing is left for it to do. Errors: EDITION_MISMATCH where another release has begun the job;
 * those of the step.
 */
export async function runUnlessWritten(
  mining: Mining,
  key: string,
  { signal }: Pick<MiningRun, 'signal'>,
  step: () => Promise<void>,
): Promise<void> {
  const { store, layout } = mining;
  if ((await store.head(key)) || (await isMined(mining))) return;
  assertOwnEdition(mining, await readJsonRecord<MiningRecord>(store, layout.job, 1));
  try {
    await step();
  } catch (error) {
    if (signal.aborted || !(await isMined(mining))) throw error;
  }
}

/**
 * Removes what only unfinished triplets need, with anything that an earlier run has left. Nothing
 * is removed before the manifest exists.
 */
export async function removeCheckpoints(mining: Mining): Promise<void> {
  const { store, layout } = mining;
  if (!(await isMined(mining))) return;
  for (const prefix of layout.checkpoints)
    for await (const { key } of store.list(prefix)) await store.delete(key);
}
