import { setImmediate } from 'node:timers/promises';
import { createOnce } from '../version/create-once.js';
import type { OpenVersion } from '../version/open-version.js';
import type { PartEvent, StepTools } from './step-context.js';

/** Which part of a shard, at which stage, and where it belongs. */
export interface PartPlace {
  stage: PartEvent['stage'];
  shard: number;
  /** Rows `[start, end)` of the shard. */
  start: number;
  end: number;
  key: string;
}

export interface PartWork<T> {
  /** The part's bytes; may prepare before its turn comes, and computes after it, while no other part is computed here. */
  compute(turn: Promise<void>): Promise<Uint8Array>;
  /** Checks the bytes that stand, whoever wrote them, and says what they are. Errors: PART_CONFLICT. */
  describe(bytes: Uint8Array): T;
}

/** One part, computed once: one that stands is checked and adopted, never overwritten. */
export async function ensurePart<T>(
  tools: Pick<StepTools, 'partGate' | 'logPart'>,
  { store, job }: OpenVersion,
  { stage, shard, start, end, key }: PartPlace,
  { compute, describe }: PartWork<T>,
): Promise<T> {
  const { dataset, version } = job.spec;
  const log = (event: PartEvent['event'], ms?: number) =>
    tools.logPart({
      event,
      stage,
      dataset,
      version,
      shard,
      start,
      end,
      ...(ms === undefined ? {} : { ms: Math.round(ms) }),
    });
  if (await store.head(key)) {
    const adopted = describe(await store.get(key));
    log('part.adopted');
    return adopted;
  }
  const admitted = tools.partGate.acquire(stage);
  const release = () => admitted.then((end) => end());
  let startedAt = 0;
  const turn = admitted.then(() => {
    startedAt = performance.now();
    log('part.started');
  });
  try {
    const put = await createOnce(store, key, await compute(turn));
    log(put.created ? 'part.written' : 'part.adopted', performance.now() - startedAt);
    // What is durable cannot be lost: the next part's first batches go to the sessions before this one is described.
    await release();
    await setImmediate();
    return describe(put.bytes);
  } finally {
    // Also where preparing failed before the turn had come.
    void release();
  }
}
