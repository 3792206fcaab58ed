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
  /** The part's bytes; called while no other part is computed in this process. */
  compute(): Promise<Uint8Array>;
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
  const release = await tools.partGate.acquire();
  try {
    const startedAt = performance.now();
    log('part.started');
    const put = await createOnce(store, key, await compute());
    const part = describe(put.bytes);
    log(put.created ? 'part.written' : 'part.adopted', performance.now() - startedAt);
    return part;
  } finally {
    release();
  }
}
